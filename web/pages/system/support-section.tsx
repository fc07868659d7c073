import { api, new_idempotency_key } from "../../api/client";
import type { Machine } from "../../api/types";
import { t } from "../../i18n";
import { bytes, date_time } from "../../i18n/format";
import { Button } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { job_ended } from "../../shell/live";
import { ask, locked, locked_note, telling_job } from "./machine";
import { ask_machine_power, PowerDialogs, type PowerQuestion } from "./power-dialogs";
import { SectionJob } from "./section-job";

function BundlePanel({ now }: { now: Machine }) {
  const job = telling_job(["support-bundle"]);
  const made = now.support_bundle;
  const make = () => ask(() => api.post("/machine/support-bundle", { idempotency_key: new_idempotency_key() }));
  return (
    <section class="panel">
      <header>
        <h2>{t("system.bundle")}</h2>
      </header>
      <div class="panel-body stack">
        <p>{t("system.bundle.text")}</p>
        <div class="row">
          <Button busy={job !== undefined && !job_ended(job)} onClick={() => void make()}>{t("system.bundle.make")}</Button>
          {made && (
            <a class="button button-primary" href="/api/v1/machine/support-bundle" download>
              <Icon name="disk" />
              <span>{t("system.bundle.download")}</span>
            </a>
          )}
        </div>
        <p class="muted small">{made ? t("system.bundle.made", { at: date_time(made.made_at), size: bytes(made.size_bytes) }) : t("system.bundle.none")}</p>
      </div>
    </section>
  );
}

function Act({ what, icon }: { what: PowerQuestion; icon: "restart" | "power" | "undo" | "trash" }) {
  return (
    <div class="system-act">
      <div class="grow">
        <h3>{t(`system.${what}.name`)}</h3>
        <p class="muted small">{t(`system.${what}.lead`)}</p>
      </div>
      <Button icon={icon} disabled={locked()} describedBy={locked() ? locked_note : undefined} onClick={() => ask_machine_power(what)}>{t(`system.${what}.confirm`)}</Button>
    </div>
  );
}

export function SupportSection({ now }: { now: Machine }) {
  return (
    <div class="stack">
      <SectionJob types={["support-bundle", "restart", "power-off", "factory-reset"]} />
      <BundlePanel now={now} />
      <section class="panel">
        <header>
          <h2>{t("system.power")}</h2>
        </header>
        <div class="panel-body stack">
          <Act what="restart" icon="restart" />
          <Act what="power_off" icon="power" />
        </div>
      </section>
      <section class="panel system-danger">
        <header>
          <h2>{t("system.reset")}</h2>
        </header>
        <div class="panel-body stack">
          <Act what="reset_settings" icon="undo" />
          <Act what="reset_everything" icon="trash" />
        </div>
      </section>
      <PowerDialogs now={now} />
    </div>
  );
}
