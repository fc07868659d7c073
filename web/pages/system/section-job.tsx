import { JobPanel } from "../server/job-panel";
import { telling_job } from "./machine";

// The job that a section is about, while there is something to tell of it.
export function SectionJob({ types }: { types: readonly string[] }) {
  const job = telling_job(types);
  return job ? <JobPanel key={job.id} job={job} /> : null;
}
