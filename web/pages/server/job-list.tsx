// Jobs, newest first, each with its steps behind a disclosure. What the live store knows is fresher than what was loaded.
import { useSignal } from "@preact/signals";
import type { Job } from "../../api/types";
import { t } from "../../i18n";
import { Icon } from "../../parts/icon";
import { job_title } from "../../parts/job-steps";
import { RelativeTime } from "../../parts/relative-time";
import { JobBadge } from "../../parts/state-badge";
import { jobs, servers } from "../../shell/live";
import { JobDetails } from "./job-panel";
import "./job-list.css";

export function merged_jobs(loaded: readonly Job[], fits: (job: Job) => boolean): Job[] {
  const all = new Map(loaded.map((job) => [job.id, job]));
  for (const job of jobs.value.values()) if (fits(job)) all.set(job.id, job);
  return [...all.values()].sort((a, b) => b.created_at.localeCompare(a.created_at) || b.id.localeCompare(a.id));
}

function JobRow({ job, named }: { job: Job; named: boolean }) {
  const open = useSignal(false);
  const server = job.server ? servers.value.get(job.server) : undefined;
  return (
    <li class="job-row">
      <div class="job-head">
        <button type="button" class="job-toggle" aria-expanded={open.value} onClick={() => (open.value = !open.value)}>
          <Icon name="chevron" size={14} class="job-chevron" />
          <span class="job-title">{named && !server ? job.title : job_title(job)}</span>
          <span class="visually-hidden">, {t("activity.details")}</span>
        </button>
        {named && (server ? <a href={`/servers/${server.id}`} class="job-server">{server.name}</a> : <span class="job-server" />)}
        <JobBadge job={job} />
        <span class="job-when muted">
          <RelativeTime at={job.created_at} />
        </span>
      </div>
      {open.value && (
        <div class="job-more">
          <JobDetails job={job} />
        </div>
      )}
    </li>
  );
}

export function JobList({ list, named = false }: { list: readonly Job[]; named?: boolean }) {
  return (
    <ul class={named ? "jobs jobs-named" : "jobs"}>
      {list.map((job) => (
        <JobRow key={job.id} job={job} named={named} />
      ))}
    </ul>
  );
}
