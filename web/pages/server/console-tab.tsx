import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import type { ConsoleKind, Server } from "../../api/types";
import { t } from "../../i18n";
import { Button, Spinner } from "../../parts/button";
import { Empty } from "../../parts/empty";
import { Notice } from "../../parts/notice";
import { power_acts, power_icons } from "./power";
import { ask_power } from "./server-dialogs";

type View = ComponentType<{ server: Server }>;

// xterm and noVNC are larger than the panel: fetched when somebody opens a console.
const loaders: Record<ConsoleKind, () => Promise<{ default: View }>> = {
  serial: () => import("./serial-view"),
  vnc: () => import("./screen-view"),
};

function Loaded({ kind, server }: { kind: ConsoleKind; server: Server }) {
  const view = useSignal<View | "failed" | undefined>(undefined);
  const load = () => {
    view.value = undefined;
    loaders[kind]().then(
      ({ default: found }) => (view.value = found),
      () => (view.value = "failed"),
    );
  };
  useEffect(load, [kind]);
  if (view.value === "failed") return <Notice tone="bad" alert action={<Button small onClick={load}>{t("action.retry")}</Button>}>{t("console.load_failed")}</Notice>;
  const Show = view.value;
  if (Show) return <Show server={server} />;
  return (
    <div class="console-wait" role="status">
      <Spinner size={24} />
      <span class="visually-hidden">{t("live.loading")}</span>
    </div>
  );
}

const kinds = ["serial", "vnc"] as const;

export function ConsoleTab({ server }: { server: Server }) {
  const kind = useSignal<ConsoleKind>("serial");
  // A console that was open stays on screen when the guest stops, with what it said last.
  const opened = useSignal(false);
  const alive = server.state === "running" || server.state === "paused";
  useEffect(() => {
    if (alive) opened.value = true;
  }, [alive]);
  const start = power_acts(server).find((act) => act === "start");
  if (!alive && !opened.value)
    return (
      <div class="panel">
        <Empty icon="terminal" title={t("console.not_running")}>
          {start && (
            <Button tone="primary" icon={power_icons[start]} onClick={() => ask_power(server, start)}>
              {t("power.start")}
            </Button>
          )}
        </Empty>
      </div>
    );
  return (
    <div class="stack-tight">
      {server.kind === "vm" && (
        <div class="segments console-choice" role="group" aria-label={t("console.choice")}>
          {kinds.map((one) => (
            <button key={one} type="button" class="segment" aria-pressed={kind.value === one} onClick={() => (kind.value = one)}>
              {t(`console.${one}`)}
            </button>
          ))}
        </div>
      )}
      <Loaded key={kind.value} kind={kind.value} server={server} />
    </div>
  );
}
