// One job: how far it is, its steps and log, and what can be done about it.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { api } from "../../api/client";
import type { Job } from "../../api/types";
import { t } from "../../i18n";
import { Button } from "../../parts/button";
import { ConfirmDialog } from "../../parts/dialog";
import { job_title, JobSteps, step_title } from "../../parts/job-steps";
import { Progress } from "../../parts/meter";
import { Notice } from "../../parts/notice";
import { RelativeTime } from "../../parts/relative-time";
import { JobBadge } from "../../parts/state-badge";
import { act } from "../../parts/toast";
import { job_ended, keep_job, refresh_job, refresh_server } from "../../shell/live";
import { JobLog } from "./job-log";
import "./job-panel.css";

async function cancel(job: Job): Promise<void> {
  await act(() => api.post("/jobs/{job}/cancel", { path: { job: job.id } }));
  refresh_job(job.id);
}

async function retry(job: Job): Promise<void> {
  const answer = await act(() => api.post("/jobs/{job}/retry", { path: { job: job.id } }));
  if (!answer) return;
  keep_job(answer.job);
  refresh_job(job.id);
  if (job.server) refresh_server(job.server);
}

const tones = { succeeded: "good", failed: "bad", undone: "calm", cancelled: "calm" } as const;
const tone = (job: Job) => (job.state in tones ? tones[job.state as keyof typeof tones] : "running");

// Spoken when the step changes, not at every percent.
function Announcement({ job }: { job: Job }) {
  const step = job.steps.find((one) => one.state === "running");
  const what = step ? step_title(step.name) : t(`job.state.${job.state}`);
  return <p class="visually-hidden" role="status">{t("job.announce", { title: job_title(job), step: what })}</p>;
}

function JobActions({ job }: { job: Job }) {
  const asking = useSignal(false);
  return (
    <>
      {job.can_cancel && !job_ended(job) && <Button small tone="quiet" onClick={() => (asking.value = true)}>{t("job.cancel")}</Button>}
      {job.can_retry && <Button small icon="restart" onClick={() => void retry(job)}>{t("job.retry")}</Button>}
      {asking.value && (
        <ConfirmDialog
          danger
          title={t("job.cancel.title")}
          text={t("job.cancel.text")}
          confirm={t("job.cancel.confirm")}
          keep={t("job.cancel.keep")}
          onConfirm={() => cancel(job)}
          onClose={() => (asking.value = false)}
        />
      )}
    </>
  );
}

// Which step it was and what became of the others; the reason stands at the step itself.
function Failure({ job, error }: { job: Job; error: NonNullable<Job["error"]> }) {
  if (job.state === "cancelled") return <Notice tone="info">{t("job.cancelled")}</Notice>;
  if (!error.step) return <Notice tone="bad">{error.message}</Notice>;
  const then = job.state === "undoing" || job.state === "undone" ? t(`job.then.${job.state}`) : "";
  return <Notice tone="bad">{t("job.failed_at", { step: step_title(error.step) })} {then}</Notice>;
}

export function JobDetails({ job }: { job: Job }) {
  const log_shown = useSignal(false);
  return (
    <div class="stack-tight">
      {job.error && <Failure job={job} error={job.error} />}
      <JobSteps job={job} />
      <div>
        <Button small tone="quiet" icon={log_shown.value ? "minus" : "terminal"} onClick={() => (log_shown.value = !log_shown.value)}>
          {t(log_shown.value ? "job.log.hide" : "job.log.show")}
        </Button>
      </div>
      {log_shown.value && <JobLog job={job} />}
    </div>
  );
}

export function JobPanel({ job, children }: { job: Job; children?: ComponentChildren }) {
  return (
    <section class="panel job" aria-label={job_title(job)}>
      <header>
        <h2>{job_title(job)}</h2>
        <JobBadge job={job} />
        <span class="muted small job-age">
          <RelativeTime at={job.created_at} />
        </span>
        <JobActions job={job} />
        {children}
      </header>
      <div class="panel-body stack">
        <Progress label={t("job.progress", { title: job_title(job), n: job.progress })} percent={job.progress} state={tone(job)} />
        <JobDetails job={job} />
      </div>
      <Announcement job={job} />
    </section>
  );
}
