import type { ComponentChildren } from "preact";
import type { Problem } from "../api/problem";
import { t } from "../i18n";
import { problem_text } from "../i18n/problem-text";
import { Button } from "./button";
import { Icon, type IconName } from "./icon";
import "./notice.css";

export type NoticeTone = "info" | "warning" | "bad" | "good";
const icons: Record<NoticeTone, IconName> = { info: "info", warning: "warning", bad: "warning", good: "check" };

interface NoticeProps {
  readonly tone: NoticeTone;
  readonly children: ComponentChildren;
  readonly action?: ComponentChildren;
  // Spoken at once when it appears.
  readonly alert?: boolean;
}

export function Notice({ tone, children, action, alert }: NoticeProps) {
  return (
    <div class={`notice notice-${tone}`} role={alert ? "alert" : undefined}>
      <Icon name={icons[tone]} />
      <div class="grow">{children}</div>
      {action}
    </div>
  );
}

export function ProblemNotice({ problem, retry }: { problem: Problem; retry?: () => void }) {
  return (
    <Notice tone="bad" alert action={retry && <Button small icon="restart" onClick={retry}>{t("action.retry")}</Button>}>
      {problem_text(problem)}
    </Notice>
  );
}
