import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import { api, new_idempotency_key } from "../../api/client";
import type { Machine } from "../../api/types";
import { t } from "../../i18n";
import { date_time, long_duration } from "../../i18n/format";
import { Button, LinkButton } from "../../parts/button";
import { now_ms } from "../../parts/clock";
import { CopyField } from "../../parts/copy-field";
import { ConfirmDialog, Dialog } from "../../parts/dialog";
import { TextField } from "../../parts/field";
import { Form } from "../../parts/form";
import { Progress } from "../../parts/meter";
import { Notice, ProblemNotice } from "../../parts/notice";
import { jobs, job_ended } from "../../shell/live";
import { JobPanel } from "../server/job-panel";
import { ask, follow, is_machine_job, locked, locked_note, read_at_ms } from "./machine";
import { ask_machine_power, PowerDialogs } from "./power-dialogs";
import { SectionJob } from "./section-job";

function NameDialog({ now, onClose }: { now: Machine; onClose: () => void }) {
  const form = useMemo(() => new Form<"hostname">({ hostname: now.hostname }), []);
  const submit = async () => {
    const done = await form.submit(async ({ hostname }) => follow((await api.put("/machine/hostname", { body: { hostname } })).job));
    if (done) onClose();
  };
  return (
    <Dialog title={t("system.name.title")} onClose={onClose}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {form.problem.value && <ProblemNotice problem={form.problem.value} />}
        <TextField form={form} name="hostname" label={t("system.fact.hostname")} hint={t("system.name.hint")} autofocus mono />
        <div class="dialog-actions">
          <Button tone="quiet" onClick={onClose}>{t("action.cancel")}</Button>
          <Button tone="primary" type="submit" busy={form.busy.value}>{t("action.save")}</Button>
        </div>
      </form>
    </Dialog>
  );
}

// Whatever wants to be known before anything else.
function News({ now }: { now: Machine }) {
  const installable = now.found_updates.find((one) => one.compatible && one.version !== now.version && !now.slots.some((slot) => slot.version === one.version));
  return (
    <>
      {now.last_rollback && (
        <Notice tone="bad" action={<LinkButton small href="/system/updates">{t("system.tab.updates")}</LinkButton>}>
          <strong>{t("system.rollback")}</strong> {now.last_rollback}
        </Notice>
      )}
      {now.restart_needed && (
        <Notice tone="warning" action={<Button small icon="restart" disabled={locked()} onClick={() => ask_machine_power("restart")}>{t("system.restart")}</Button>}>
          {t("system.restart_needed", { version: now.slots.find((slot) => slot.name === now.next_slot)?.version ?? "" })}
        </Notice>
      )}
      {now.update.running && (
        <Notice tone="info">
          <p>{t("system.update.running", { version: now.update.version, step: now.update.step })}</p>
          <Progress label={t("system.update.progress")} percent={now.update.percent} state="running" />
        </Notice>
      )}
      {!now.update.running && !now.restart_needed && installable && (
        <Notice tone="info" action={<LinkButton small href="/system/updates">{t("system.tab.updates")}</LinkButton>}>
          {t("system.update.available", { version: installable.version })}
        </Notice>
      )}
    </>
  );
}

function Facts({ now }: { now: Machine }) {
  const naming = useSignal(false);
  const uptime_s = now.uptime_s + Math.max(0, (now_ms.value - read_at_ms.value) / 1000);
  return (
    <section class="panel">
      <header>
        <h2 class="grow">{t("system.facts")}</h2>
        <Button small icon="pencil" disabled={locked()} describedBy={locked() ? locked_note : undefined} onClick={() => (naming.value = true)}>{t("system.name.change")}</Button>
      </header>
      <dl class="facts panel-body">
        <dt>{t("system.fact.hostname")}</dt>
        <dd>
          <CopyField text={now.hostname} what={t("system.fact.hostname")} />
        </dd>
        <dt>{t("system.fact.version")}</dt>
        <dd>{now.version}</dd>
        <dt>{t("system.fact.board")}</dt>
        <dd class="mono">{now.board}</dd>
        <dt>{t("system.fact.uptime")}</dt>
        <dd>{long_duration(uptime_s)}</dd>
        <dt>{t("system.fact.clock")}</dt>
        <dd>
          <span class={now.time.synchronised ? "badge badge-good" : "badge badge-busy"}>
            <i class="badge-dot" aria-hidden="true" />
            {t(now.time.synchronised ? "system.clock.synchronised" : "system.clock.not")}
          </span>{" "}
          <span class="muted">{now.time.time_zone}</span>
        </dd>
        <dt>{t("system.fact.observed")}</dt>
        <dd>{date_time(now.observed_at)}</dd>
      </dl>
      {naming.value && <NameDialog now={now} onClose={() => (naming.value = false)} />}
    </section>
  );
}

function CertificatePanel({ now }: { now: Machine }) {
  const asking = useSignal(false);
  const { certificate } = now;
  const renew = async () => {
    await ask(() => api.post("/machine/certificate", { idempotency_key: new_idempotency_key() }));
  };
  const expired = certificate !== undefined && Date.parse(certificate.expires_at) < now_ms.value;
  return (
    <section class="panel">
      <header>
        <h2 class="grow">{t("system.certificate")}</h2>
        <Button small icon="key" onClick={() => (asking.value = true)}>{t("system.certificate.renew")}</Button>
      </header>
      <div class="panel-body stack">
        {expired && <Notice tone="bad">{t("system.certificate.expired")}</Notice>}
        {certificate ? (
          <dl class="facts">
            <dt>{t("system.certificate.fingerprint")}</dt>
            <dd class="system-fingerprint">
              <CopyField text={certificate.fingerprint} what={t("system.certificate.fingerprint")} />
            </dd>
            <dt>{t("system.certificate.expires")}</dt>
            <dd>{date_time(certificate.expires_at)}</dd>
            <dt>{t("system.certificate.names")}</dt>
            <dd class="mono">{certificate.names.join(", ")}</dd>
            <dt>{t("system.certificate.signer")}</dt>
            <dd>{t(certificate.self_signed ? "system.certificate.self" : "system.certificate.other")}</dd>
          </dl>
        ) : (
          <p class="muted">{t("system.certificate.none")}</p>
        )}
        <p class="muted small">{t("system.certificate.compare")}</p>
      </div>
      {asking.value && (
        <ConfirmDialog
          title={t("system.certificate.title")}
          text={t("system.certificate.text")}
          confirm={t("system.certificate.renew")}
          onConfirm={renew}
          onClose={() => (asking.value = false)}
        />
      )}
    </section>
  );
}

const mine = ["set-hostname", "renew-certificate"];

export function OverviewSection({ now }: { now: Machine }) {
  const others = [...jobs.value.values()].filter((job) => is_machine_job(job) && !job_ended(job) && !mine.includes(job.type.replace("machine.", "")));
  return (
    <div class="stack">
      <News now={now} />
      {others.map((job) => (
        <JobPanel key={job.id} job={job} />
      ))}
      <SectionJob types={mine} />
      <div class="system-columns">
        <Facts now={now} />
        <CertificatePanel now={now} />
      </div>
      <PowerDialogs now={now} />
    </div>
  );
}
