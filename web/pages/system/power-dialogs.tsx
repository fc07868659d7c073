// What is asked before the machine goes away, with everything that runs on it.
import { signal } from "@preact/signals";
import { api, new_idempotency_key } from "../../api/client";
import type { Machine } from "../../api/types";
import { t } from "../../i18n";
import { ConfirmDialog } from "../../parts/dialog";
import { ask } from "./machine";

export type PowerQuestion = "restart" | "power_off" | "reset_settings" | "reset_everything";
const question = signal<PowerQuestion | undefined>(undefined);

export function ask_machine_power(what: PowerQuestion): void {
  question.value = what;
}

function Lists({ of }: { of: "reset_settings" | "reset_everything" }) {
  return (
    <dl class="system-losses">
      <dt>{t("system.reset.goes")}</dt>
      <dd>{t(`system.${of}.goes`)}</dd>
      <dt>{t("system.reset.stays")}</dt>
      <dd>{t(`system.${of}.stays`)}</dd>
    </dl>
  );
}

export function PowerDialogs({ now }: { now: Machine }) {
  const what = question.value;
  const close = () => (question.value = undefined);
  if (!what) return null;
  const confirm = now.hostname;
  const key = new_idempotency_key();
  const run = async () => {
    await ask(() => {
      if (what === "restart") return api.post("/machine/restart", { body: { confirm }, idempotency_key: key });
      if (what === "power_off") return api.post("/machine/power-off", { body: { confirm }, idempotency_key: key });
      const scope = what === "reset_everything" ? "everything" : "settings";
      return api.post("/machine/factory-reset", { body: { scope, confirm }, idempotency_key: key });
    });
  };
  return (
    <ConfirmDialog
      danger
      title={t(`system.${what}.title`, { name: confirm })}
      text={t(`system.${what}.text`)}
      confirm={t(`system.${what}.confirm`)}
      typed={confirm}
      onConfirm={run}
      onClose={close}
    >
      {(what === "reset_settings" || what === "reset_everything") && <Lists of={what} />}
    </ConfirmDialog>
  );
}
