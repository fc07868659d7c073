// What is asked before a server loses something. One place for the list and the server's page.
import { signal } from "@preact/signals";
import { api } from "../../api/client";
import type { Server } from "../../api/types";
import { t } from "../../i18n";
import { bytes } from "../../i18n/format";
import { ConfirmDialog } from "../../parts/dialog";
import { act, toast } from "../../parts/toast";
import { keep_job, refresh_server } from "../../shell/live";
import type { PowerAct } from "../../api/types";
import { type CostlyAct, is_costly, run_power } from "./power";

type Question = { readonly kind: "power"; readonly act: CostlyAct; readonly server: Server } | { readonly kind: "delete"; readonly server: Server };
const question = signal<Question | undefined>(undefined);

export function ask_power(server: Server, wanted: PowerAct): void {
  if (is_costly(wanted)) question.value = { kind: "power", act: wanted, server };
  else void run_power(server, wanted);
}

export function ask_delete(server: Server): void {
  question.value = { kind: "delete", server };
}

async function run_delete(server: Server): Promise<void> {
  const answer = await act(() => api.delete("/servers/{server}", { path: { server: server.id } }), server.name);
  if (!answer) return;
  keep_job(answer.job);
  refresh_server(server.id);
  toast("info", t("server.delete.started", { name: server.name }));
}

export function ServerDialogs() {
  const now = question.value;
  const close = () => (question.value = undefined);
  if (!now) return null;
  const { server } = now;
  if (now.kind === "delete")
    return (
      <ConfirmDialog
        danger
        title={t("server.delete.title", { name: server.name })}
        text={t("server.delete.text", { disk: bytes(server.disk_bytes), address: server.address ?? t("servers.no_address") })}
        confirm={t("server.delete")}
        typed={server.name}
        onConfirm={() => run_delete(server)}
        onClose={close}
      />
    );
  return (
    <ConfirmDialog
      danger={now.act === "power_off"}
      title={t(`power.confirm.${now.act}.title`, { name: server.name })}
      text={t(`power.confirm.${now.act}.text`)}
      confirm={t(`power.${now.act}`)}
      onConfirm={() => run_power(server, now.act)}
      onClose={close}
    />
  );
}
