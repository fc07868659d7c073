import type { Job, JobStep } from "../api/types";
import { t, t_if_known } from "../i18n";
import { duration } from "../i18n/format";
import { Spinner } from "./button";
import { Icon, type IconName } from "./icon";
import "./job-steps.css";

const icons: Partial<Record<JobStep["state"], IconName>> = { done: "check", failed: "cross", undone: "undo", skipped: "minus" };

function StepMark({ state }: { state: JobStep["state"] }) {
  const icon = icons[state];
  if (state === "running") return <Spinner size={14} />;
  return icon ? <Icon name={icon} size={14} /> : <i class="step-dot" aria-hidden="true" />;
}

// What took less is not worth a figure, and "0 s" would be none.
const shortest_s = 0.05;

function took(step: JobStep): string {
  if (!step.started_at || !step.finished_at) return "";
  const seconds = (Date.parse(step.finished_at) - Date.parse(step.started_at)) / 1000;
  return seconds < shortest_s ? "" : duration(seconds);
}

export function JobSteps({ job }: { job: Job }) {
  return (
    <ol class="steps" aria-label={t("job.steps")}>
      {job.steps.map((step) => (
        <li key={step.name} class={`step step-${step.state}`}>
          <span class="step-mark">
            <StepMark state={step.state} />
          </span>
          <span class="grow">
            {step_title(step.name)}
            <span class="visually-hidden">: {t(`job.step.${step.state}`)}</span>
            {step.state === "failed" && job.error && <span class="step-reason">{job.error.message}</span>}
          </span>
          <span class="step-time">{step.state === "undone" || step.state === "skipped" ? t(`job.step.${step.state}`) : took(step)}</span>
        </li>
      ))}
    </ol>
  );
}

export function step_title(name: string): string {
  return t_if_known(`step.${name}`) ?? name;
}

export function job_title(job: Job): string {
  return t_if_known(`job.${job.type}`) ?? job.title;
}
