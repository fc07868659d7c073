// Which power acts fit which state, and what each may cost. Shared by the list and the server's page.
import { api, new_idempotency_key } from "../../api/client";
import type { PowerAct, Server, ServerState } from "../../api/types";
import { t } from "../../i18n";
import type { IconName } from "../../parts/icon";
import { act, toast } from "../../parts/toast";
import { keep_job, refresh_server } from "../../shell/live";

export const power_icons: Record<PowerAct, IconName> = {
  start: "play",
  shutdown: "power",
  restart: "restart",
  power_off: "bolt",
  pause: "pause",
  resume: "play",
};

const fitting: Partial<Record<ServerState, readonly PowerAct[]>> = {
  stopped: ["start"],
  crashed: ["start"],
  running: ["shutdown", "restart", "pause", "power_off"],
  paused: ["resume", "power_off"],
  // A guest that does not come up or go down can always be cut off.
  starting: ["power_off"],
  stopping: ["power_off"],
};

export function power_acts(server: Server): readonly PowerAct[] {
  return fitting[server.state] ?? [];
}

// Nothing may be lost by starting, pausing and resuming.
const costly = ["shutdown", "restart", "power_off"] as const;
export type CostlyAct = (typeof costly)[number];
export function is_costly(wanted: PowerAct): wanted is CostlyAct {
  return (costly as readonly PowerAct[]).includes(wanted);
}

export async function run_power(server: Server, wanted: PowerAct): Promise<void> {
  const answer = await act(
    () => api.post("/servers/{server}/power", { path: { server: server.id }, body: { act: wanted }, idempotency_key: new_idempotency_key() }),
    server.name,
  );
  if (!answer) return;
  keep_job(answer.job);
  refresh_server(server.id);
  toast("info", t("power.asked", { act: t(`power.${wanted}`), name: server.name }));
}
