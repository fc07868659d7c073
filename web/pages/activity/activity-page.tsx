import { useSignal } from "@preact/signals";
import { api } from "../../api/client";
import type { Job } from "../../api/types";
import { t } from "../../i18n";
import { Button } from "../../parts/button";
import { Empty, Skeleton } from "../../parts/empty";
import { useLoad } from "../../parts/load";
import { ProblemNotice } from "../../parts/notice";
import { Page } from "../../parts/page";
import { act } from "../../parts/toast";
import { JobList, merged_jobs } from "../server/job-list";

const page_size = 50;

export function ActivityPage() {
  const older = useSignal<readonly Job[]>([]);
  const next = useSignal<string | undefined>(undefined);
  const load = useLoad(async (signal) => {
    const page = await api.get("/jobs", { query: { limit: page_size }, signal });
    older.value = [];
    next.value = page.next_cursor;
    return page.items;
  });
  const more = async () => {
    const page = await api.get("/jobs", { query: { limit: page_size, cursor: next.peek() } });
    older.value = [...older.peek(), ...page.items];
    next.value = page.next_cursor;
  };
  const now = load.now.value;
  const list = now.state === "ready" ? merged_jobs([...now.value, ...older.value], () => true) : [];
  return (
    <Page title={t("activity.title")}>
      {now.state === "problem" ? (
        <ProblemNotice problem={now.problem} retry={() => void load.again()} />
      ) : (
        <div class="panel">
          {now.state === "loading" && <Skeleton lines={6} label={t("live.loading")} />}
          {now.state === "ready" && list.length === 0 && <Empty icon="activity" title={t("activity.empty.title")} text={t("activity.empty.text")} />}
          {list.length > 0 && <JobList list={list} named />}
          {next.value !== undefined && (
            <div class="servers-more">
              <Button onClick={() => void act(more)}>{t("action.load_more")}</Button>
            </div>
          )}
        </div>
      )}
    </Page>
  );
}
