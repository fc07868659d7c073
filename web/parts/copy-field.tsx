import { useSignal } from "@preact/signals";
import { t } from "../i18n";
import { IconButton } from "./button";
import { toast } from "./toast";
import "./copy-field.css";

export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    toast("bad", t("error.clipboard"));
    return false;
  }
}

export function CopyField({ text, what }: { text: string; what: string }) {
  const copied = useSignal(false);
  const run = async () => {
    if (!(await copy(text))) return;
    copied.value = true;
    setTimeout(() => (copied.value = false), 1500);
  };
  return (
    <span class="copy">
      <span class="mono">{text}</span>
      <IconButton small icon={copied.value ? "check" : "copy"} label={copied.value ? t("action.copied") : t("action.copy_what", { what })} onClick={() => void run()} />
    </span>
  );
}
