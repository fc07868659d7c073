import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { api } from "../../api/client";
import { as_problem, type Problem } from "../../api/problem";
import type { Job, LogLine } from "../../api/types";
import { t } from "../../i18n";
import { clock_time, date_time } from "../../i18n/format";
import { ProblemNotice } from "../../parts/notice";
import { job_ended } from "../../shell/live";

const poll_ms = 1000;

// Reads on while the job runs, and once more when it has ended.
function useLog(job: Job) {
  const lines = useSignal<readonly LogLine[] | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const ended = job_ended(job);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const gone = new AbortController();
    const read = async () => {
      const before = lines.peek() ?? [];
      try {
        const page = await api.get("/jobs/{job}/log", { path: { job: job.id }, query: { after: before.at(-1)?.seq ?? 0 }, signal: gone.signal });
        lines.value = [...before, ...page.lines];
        problem.value = undefined;
      } catch (error) {
        if (gone.signal.aborted) return;
        problem.value = as_problem(error);
      }
      if (!ended && !gone.signal.aborted) timer = setTimeout(() => void read(), poll_ms);
    };
    void read();
    return () => {
      clearTimeout(timer);
      gone.abort();
    };
  }, [job.id, ended]);
  return { lines, problem };
}

export function JobLog({ job }: { job: Job }) {
  const { lines, problem } = useLog(job);
  const box = useRef<HTMLDivElement>(null);
  const shown = lines.value;
  useEffect(() => {
    const log = box.current;
    // Follows the end, unless the reader has scrolled up.
    if (log && log.scrollHeight - log.scrollTop - log.clientHeight < 120) log.scrollTop = log.scrollHeight;
  }, [shown?.length]);
  if (problem.value && !shown) return <ProblemNotice problem={problem.value} />;
  return (
    <div class="log" role="log" aria-label={t("job.log")} tabIndex={0} ref={box}>
      {shown === undefined && <p class="muted">{t("live.loading")}</p>}
      {shown?.length === 0 && <p class="muted">{t("job.log.empty")}</p>}
      {shown?.map((line) => (
        <p key={line.seq}>
          <time dateTime={line.at} title={date_time(line.at)}>
            {clock_time(line.at)}
          </time>
          <span>{line.text}</span>
        </p>
      ))}
    </div>
  );
}
