import { useSignal } from "@preact/signals";
import { api, new_idempotency_key } from "../../api/client";
import type { FoundUpdate, Machine, Slot } from "../../api/types";
import { t } from "../../i18n";
import { bytes } from "../../i18n/format";
import { Button } from "../../parts/button";
import { ConfirmDialog } from "../../parts/dialog";
import { Empty } from "../../parts/empty";
import { Icon } from "../../parts/icon";
import { Progress } from "../../parts/meter";
import { Notice } from "../../parts/notice";
import { job_ended } from "../../shell/live";
import { ask, locked, locked_note, release_busy, release_jobs, telling_job } from "./machine";
import { PolicyPanel } from "./policy-panel";
import { ask_machine_power, PowerDialogs } from "./power-dialogs";
import { SectionJob } from "./section-job";
import { UploadPanel } from "./upload-panel";

const other_slot = (now: Machine) => now.slots.find((slot) => !slot.booted);

// A slot shows its state in words: which one runs, whether it has proven itself, which one comes next.
function SlotRow({ slot, now, choose }: { slot: Slot; now: Machine; choose: () => void }) {
  const next = slot.name === now.next_slot;
  const empty = slot.version === "";
  return (
    <li class="system-slot">
      <div class="grow">
        <h3>{t("system.slot", { name: slot.name.toUpperCase() })}</h3>
        <p class="mono">{empty ? t("system.slot.empty") : slot.version}</p>
      </div>
      <p class="row">
        {slot.booted && <span class="badge badge-good"><i class="badge-dot" aria-hidden="true" />{t("system.slot.runs")}</span>}
        {next && <span class="badge badge-calm"><i class="badge-dot" aria-hidden="true" />{t("system.slot.next")}</span>}
        {!empty && slot.good && <span class="muted small">{t("system.slot.good")}</span>}
        {!empty && !slot.good && <span class="muted small">{t("system.slot.unproven", { n: slot.tries_left })}</span>}
      </p>
      {!next && !empty && (
        <Button small disabled={locked() || release_busy(now)} describedBy={locked() ? locked_note : undefined} onClick={choose}>
          {t("system.slot.choose")}
          <span class="visually-hidden">: {slot.name.toUpperCase()}</span>
        </Button>
      )}
    </li>
  );
}

function SlotsPanel({ now }: { now: Machine }) {
  const wanted = useSignal<Slot | undefined>(undefined);
  const slot = wanted.value;
  const choose = async () => {
    if (slot) await ask(() => api.put("/machine/next-slot", { body: { slot: slot.name } }));
  };
  return (
    <section class="panel">
      <header>
        <h2>{t("system.slots")}</h2>
        <p class="muted small">{t("system.slots.lead")}</p>
      </header>
      {now.slots.length === 0 ? (
        <Empty icon="disk" text={t("system.slots.none")} />
      ) : (
        <ul class="system-list">
          {now.slots.map((one) => (
            <SlotRow key={one.name} slot={one} now={now} choose={() => (wanted.value = one)} />
          ))}
        </ul>
      )}
      {slot && (
        <ConfirmDialog
          title={t("system.slot.title", { name: slot.name.toUpperCase() })}
          text={t("system.slot.text", { version: slot.version })}
          confirm={t("system.slot.choose")}
          onConfirm={choose}
          onClose={() => (wanted.value = undefined)}
        />
      )}
    </section>
  );
}

function FoundRow({ one, busy, install }: { one: FoundUpdate; busy: boolean; install: () => void }) {
  return (
    <li class="system-slot">
      <Icon name="disk" size={18} />
      <div class="grow">
        <h3>{one.version || one.name}</h3>
        <p class="muted small">
          {t(`system.found.${one.place}`)}: <span class="mono">{one.name}</span>, {bytes(one.size_bytes)}
          {one.board && `, ${one.board}`}
        </p>
        {!one.compatible && <p class="field-error"><Icon name="warning" size={14} /><span>{one.problem}</span></p>}
      </div>
      {one.compatible && (
        <Button small tone="primary" disabled={busy} onClick={install}>
          {t("system.install")}
          <span class="visually-hidden">: {one.version}</span>
        </Button>
      )}
    </li>
  );
}

function FoundPanel({ now }: { now: Machine }) {
  const wanted = useSignal<FoundUpdate | undefined>(undefined);
  const one = wanted.value;
  const install = async () => {
    if (one) await ask(() => api.post("/machine/updates/found/{found}", { path: { found: one.id }, idempotency_key: new_idempotency_key() }));
  };
  return (
    <section class="panel">
      <header>
        <h2>{t("system.found")}</h2>
        <p class="muted small">{t("system.found.lead")}</p>
      </header>
      {now.found_updates.length === 0 ? (
        <p class="panel-body muted">{t("system.found.none")}</p>
      ) : (
        <ul class="system-list">
          {now.found_updates.map((found) => (
            <FoundRow key={found.id} one={found} busy={locked() || release_busy(now)} install={() => (wanted.value = found)} />
          ))}
        </ul>
      )}
      {one && (
        <ConfirmDialog
          title={t("system.install.title", { version: one.version })}
          text={t("system.install.text", { slot: (other_slot(now)?.name ?? "b").toUpperCase() })}
          confirm={t("system.install")}
          onConfirm={install}
          onClose={() => (wanted.value = undefined)}
        />
      )}
    </section>
  );
}

export function UpdatesSection({ now }: { now: Machine }) {
  const job = telling_job(release_jobs);
  return (
    <div class="stack">
      {now.last_rollback && (
        <Notice tone="bad">
          <strong>{t("system.rollback")}</strong> {now.last_rollback}
        </Notice>
      )}
      {now.restart_needed && (
        <Notice tone="warning" action={<Button small icon="restart" disabled={locked()} onClick={() => ask_machine_power("restart")}>{t("system.restart")}</Button>}>
          {t("system.restart_needed", { version: now.slots.find((slot) => slot.name === now.next_slot)?.version ?? "" })}
        </Notice>
      )}
      {now.update.failure && job?.error?.message !== now.update.failure && <Notice tone="bad">{t("system.update.failed", { reason: now.update.failure })}</Notice>}
      {now.update.running && (job === undefined || job_ended(job)) && (
        <Notice tone="info">
          <p>{t("system.update.running", { version: now.update.version, step: now.update.step })}</p>
          <Progress label={t("system.update.progress")} percent={now.update.percent} state="running" />
        </Notice>
      )}
      <SectionJob types={[...release_jobs, "restart"]} />
      <SlotsPanel now={now} />
      <div class="system-columns">
        <div class="stack">
          <UploadPanel now={now} />
          <FoundPanel now={now} />
        </div>
        <PolicyPanel now={now} />
      </div>
      <PowerDialogs now={now} />
    </div>
  );
}
