// A job that ends is told wherever the user is: failures always, a finished deletion because its page is gone.
import { effect } from "@preact/signals";
import { t } from "../i18n";
import { job_title } from "../parts/job-steps";
import { toast } from "../parts/toast";
import { on_job_end, servers } from "./live";

export function start_job_news(): void {
  const names = new Map<string, string>();
  effect(() => {
    for (const server of servers.value.values()) names.set(server.id, server.name);
  });
  on_job_end((job) => {
    const name = names.get(job.server ?? "") ?? "";
    const title = name ? `${job_title(job)}: ${name}` : job_title(job);
    if (job.error) toast("bad", t("job.failed_toast", { title, reason: job.error.message }));
    if (job.state === "succeeded" && job.type === "server.delete" && name) toast("good", t("server.delete.done", { name }));
  });
}
