import { useEffect } from "preact/hooks";
import { api } from "../../api/client";
import type { Job, Server } from "../../api/types";
import { t } from "../../i18n";
import { bytes, date_time } from "../../i18n/format";
import { Button } from "../../parts/button";
import { now_ms } from "../../parts/clock";
import { CopyField } from "../../parts/copy-field";
import { useLoad } from "../../parts/load";
import { Notice } from "../../parts/notice";
import { job_ended, jobs, keep_job, refresh_job } from "../../shell/live";
import { HostNotices } from "./host-notices";
import { JobPanel } from "./job-panel";
import { merged_jobs } from "./job-list";
import { NetworkPanel } from "./network-panel";
import { ask_delete } from "./server-dialogs";
import { UsagePanel } from "./usage-panel";

const news_ms_max = 120_000;

// The job under way; else the newest one, while it is still news (just ended, or failed and nothing came after it).
function telling_job(server: Server, loaded: readonly Job[]): Job | undefined {
  const under_way = server.job ? jobs.value.get(server.job) : undefined;
  if (under_way) return under_way;
  const newest = merged_jobs(loaded, (job) => job.server === server.id)[0];
  if (!newest) return undefined;
  const news = newest.finished_at !== undefined && now_ms.value - Date.parse(newest.finished_at) < news_ms_max;
  return news || !job_ended(newest) || newest.error !== undefined ? newest : undefined;
}

function Facts({ server }: { server: Server }) {
  return (
    <section class="panel">
      <header>
        <h2>{t("server.facts")}</h2>
      </header>
      <dl class="facts panel-body">
        <dt>{t("server.fact.hostname")}</dt>
        <dd>
          <CopyField text={server.hostname} what={t("server.fact.hostname")} />
        </dd>
        <dt>{t("server.fact.image")}</dt>
        <dd>{server.image.title}</dd>
        <dt>{t("server.fact.plan")}</dt>
        <dd>{server.plan.name}</dd>
        <dt>{t("server.fact.vcpus")}</dt>
        <dd>{t("unit.vcpus", { n: server.vcpus })}</dd>
        <dt>{t("server.fact.memory")}</dt>
        <dd>{bytes(server.memory_bytes)}</dd>
        <dt>{t("server.fact.disk")}</dt>
        <dd>{bytes(server.disk_bytes)}</dd>
        <dt>{t("server.fact.created")}</dt>
        <dd>{date_time(server.created_at)}</dd>
        <dt>{t("server.fact.id")}</dt>
        <dd>
          <CopyField text={server.id} what={t("server.fact.id")} />
        </dd>
      </dl>
    </section>
  );
}

function DeletePart({ server }: { server: Server }) {
  // A deletion that failed is asked for again here.
  if (server.state === "deleting" && server.job !== undefined) return null;
  return (
    <section class="panel danger-zone">
      <header>
        <h2 class="grow">{t("server.danger")}</h2>
        <Button small icon="trash" onClick={() => ask_delete(server)}>{t("server.delete")}</Button>
      </header>
      <p class="panel-body muted small">{t("server.danger.text")}</p>
    </section>
  );
}

export function OverviewTab({ server }: { server: Server }) {
  const past = useLoad((signal) => api.get("/servers/{server}/jobs", { path: { server: server.id }, signal }), server.id);
  useEffect(() => {
    if (server.job) refresh_job(server.job);
  }, [server.job]);
  useEffect(() => {
    if (past.now.value.state === "ready") for (const job of past.now.value.value.items) if (!job_ended(job)) keep_job(job);
  }, [past.now.value]);
  const job = telling_job(server, past.now.value.state === "ready" ? past.now.value.value.items : []);
  return (
    <div class="overview">
      <div class="stack">
        <HostNotices />
        {server.drift && <Notice tone="warning">{t("server.drift", { what: server.drift })}</Notice>}
        {server.state_reason && server.state_reason !== job?.error?.message && <Notice tone="bad">{t("server.reason", { reason: server.state_reason })}</Notice>}
        {job && <JobPanel job={job} />}
        <UsagePanel server={server} />
      </div>
      <div class="stack">
        <NetworkPanel server={server} />
        <Facts server={server} />
        <DeletePart server={server} />
      </div>
    </div>
  );
}
