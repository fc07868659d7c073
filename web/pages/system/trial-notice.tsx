// Network settings on trial: how long until they are taken back, and where the panel is found meanwhile. It stands above every
// section, and what it says survives a reload, for the machine says it.
import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, new_idempotency_key } from "../../api/client";
import type { Machine, NetworkSettings } from "../../api/types";
import { t } from "../../i18n";
import { Button } from "../../parts/button";
import { Notice } from "../../parts/notice";
import { connection, job_ended } from "../../shell/live";
import { ask, read_at_ms, read_machine, sent_to_try, telling_job } from "./machine";
import { addresses_after } from "./network-draft";

export function NewAddresses({ settings }: { settings: NetworkSettings }) {
  const elsewhere = addresses_after(settings).filter((address) => address !== location.hostname);
  if (elsewhere.length === 0) return null;
  const port = location.port ? `:${location.port}` : "";
  return (
    <ul class="system-addresses-list" aria-label={t("system.trial.addresses")}>
      {elsewhere.map((address) => (
        <li key={address}>
          <a href={`${location.protocol}//${address}${port}/system/network`} target="_blank" rel="noopener">{`${location.protocol}//${address}${port}/system/network`}</a>
        </li>
      ))}
    </ul>
  );
}

const busy = (types: readonly string[]): boolean => {
  const job = telling_job(types);
  return job !== undefined && !job_ended(job);
};

function Countdown({ ends_ms }: { ends_ms: number }) {
  const left_s = useSignal(0);
  const tick = () => {
    left_s.value = Math.max(0, Math.ceil((ends_ms - Date.now()) / 1000));
    // It ends there, not here: asked until the machine says so.
    if (left_s.value === 0) void read_machine();
  };
  useEffect(() => {
    tick();
    const timer = setInterval(tick, 1000);
    return () => clearInterval(timer);
  }, [ends_ms]);
  return <strong role="timer">{left_s.value > 0 ? t("system.trial.left", { n: left_s.value }) : t("system.trial.ending")}</strong>;
}

export function TrialNotice({ now }: { now: Machine }) {
  const trying = busy(["try-network"]);
  const settings = now.network.tried ?? (trying ? sent_to_try.value : undefined);
  if (!settings) return null;
  const keep = () => ask(() => api.post("/machine/network/confirmation", { idempotency_key: new_idempotency_key() }));
  const take_back = () => ask(() => api.delete("/machine/network/trial"));
  const deciding = busy(["confirm-network", "revert-network"]);
  return (
    <section class="system-trial" aria-label={t("system.trial")}>
      <Notice tone="warning" alert>
        <div class="stack-tight">
          <p>{t("system.trial.text")}</p>
          {now.network.tried && (
            <p>
              <Countdown ends_ms={read_at_ms.value + now.network.seconds_left * 1000} />
            </p>
          )}
          {connection.value === "lost" && <p>{t("system.trial.lost")}</p>}
          <NewAddresses settings={settings} />
          <div class="row">
            <Button tone="primary" icon="check" busy={deciding} disabled={!now.network.tried} onClick={() => void keep()}>{t("system.trial.keep")}</Button>
            <Button icon="undo" busy={deciding} disabled={!now.network.tried} onClick={() => void take_back()}>{t("system.trial.take_back")}</Button>
          </div>
        </div>
      </Notice>
    </section>
  );
}
