import { api } from "../../api/client";
import type { Server } from "../../api/types";
import { t } from "../../i18n";
import { Empty, Skeleton } from "../../parts/empty";
import { useLoad } from "../../parts/load";
import { ProblemNotice } from "../../parts/notice";
import { JobList, merged_jobs } from "./job-list";

export function ActivityTab({ server }: { server: Server }) {
  const load = useLoad((signal) => api.get("/servers/{server}/jobs", { path: { server: server.id }, signal }), server.id);
  const now = load.now.value;
  if (now.state === "problem") return <ProblemNotice problem={now.problem} retry={() => void load.again()} />;
  const list = now.state === "ready" ? merged_jobs(now.value.items, (job) => job.server === server.id) : [];
  return (
    <div class="panel">
      {now.state === "loading" && <Skeleton lines={4} label={t("live.loading")} />}
      {now.state === "ready" && list.length === 0 && <Empty icon="activity" title={t("server.activity.empty")} />}
      {list.length > 0 && <JobList list={list} />}
    </div>
  );
}
