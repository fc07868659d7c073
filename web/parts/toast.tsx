import { signal } from "@preact/signals";
import { as_problem } from "../api/problem";
import { t } from "../i18n";
import { problem_text } from "../i18n/problem-text";
import { IconButton } from "./button";
import { Icon } from "./icon";
import "./toast.css";

interface Toast {
  readonly id: number;
  readonly tone: "good" | "bad" | "info";
  readonly text: string;
}

const toasts = signal<readonly Toast[]>([]);
const shown_ms = 6000;
let last = 0;

export function toast(tone: Toast["tone"], text: string): void {
  const id = ++last;
  toasts.value = [...toasts.value.slice(-3), { id, tone, text }];
  // What went wrong stays until it is dismissed.
  if (tone !== "bad") setTimeout(() => dismiss(id), shown_ms);
}

function dismiss(id: number): void {
  toasts.value = toasts.value.filter((one) => one.id !== id);
}

// Runs an act whose failure belongs to no field: it is told in a toast. Undefined then.
export async function act<T>(run: () => Promise<T>, about?: string): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    const reason = problem_text(as_problem(error));
    toast("bad", about ? t("power.refused", { name: about, reason }) : reason);
    return undefined;
  }
}

const icons = { good: "check", bad: "warning", info: "info" } as const;

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.value.map((one) => (
        <div key={one.id} class={`toast toast-${one.tone}`}>
          <Icon name={icons[one.tone]} />
          <span class="grow">{one.text}</span>
          <IconButton small icon="cross" label={t("action.dismiss")} onClick={() => dismiss(one.id)} />
        </div>
      ))}
    </div>
  );
}
