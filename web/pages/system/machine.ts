// The machine itself as the pages of this folder show it: read once, then again whenever the event stream says that something
// about it changed. It outlives the sections, so that going from one to the other shows no gap.
import { effect, signal } from "@preact/signals";
import { api } from "../../api/client";
import { as_problem } from "../../api/problem";
import type { Job, Machine, NetworkSettings } from "../../api/types";
import { now_ms } from "../../parts/clock";
import type { Loaded } from "../../parts/load";
import { act } from "../../parts/toast";
import { connection, job_ended, jobs, keep_job, on_event, on_job_end, refresh_job } from "../../shell/live";
import { Refresher } from "../../shell/refresher";

export const machine = signal<Loaded<Machine>>({ state: "loading" });
// When what GET said was said, by this browser's clock: what passes with time is reckoned from there.
export const read_at_ms = signal(Date.now());
// What was sent to be tried and may not have been seen in force yet: the answer may never arrive at the old address.
export const sent_to_try = signal<NetworkSettings | undefined>(undefined);

export async function read_machine(): Promise<void> {
  try {
    const value = await api.get("/machine");
    read_at_ms.value = Date.now();
    machine.value = { state: "ready", value };
    for (const job of value.jobs) {
      const known = jobs.peek().get(job.id);
      if (!known || !job_ended(known)) keep_job(job);
    }
  } catch (error) {
    // What is on screen stays when only its refreshing failed.
    if (machine.peek().state !== "ready") machine.value = { state: "problem", problem: as_problem(error) };
  }
}

const refresher = new Refresher(read_machine, 100);
export const refresh_machine = (): void => refresher.want("machine");

export const is_machine_job = (job: Job): boolean => job.type.startsWith("machine.");

// Jobs that ended while nobody looked: a failure is still news the next morning.
async function read_past_jobs(): Promise<void> {
  try {
    const page = await api.get("/jobs", { query: { limit: 50 } });
    for (const job of page.items) if (is_machine_job(job) && !jobs.peek().has(job.id)) keep_job(job);
  } catch {
    // The sections stand without.
  }
}

export function watch_machine(): () => void {
  void read_machine();
  void read_past_jobs();
  const ends = [
    on_event((event) => {
      if (event.type.startsWith("machine.")) refresh_machine();
    }),
    on_job_end((job) => {
      if (is_machine_job(job)) refresh_machine();
    }),
    effect(() => {
      if (connection.value === "open") refresh_machine();
    }),
  ];
  return () => ends.forEach((end) => end());
}

const news_ms_max = 120_000;
const failure_ms_max = 24 * 3600_000;

// What a section tells of its jobs: the one under way, else the newest while it is news.
export function telling_job(types: readonly string[]): Job | undefined {
  const mine = [...jobs.value.values()].filter((job) => types.includes(job.type.replace(/^machine\./, "")));
  const [newest] = mine.sort((a, b) => Number(job_ended(a)) - Number(job_ended(b)) || b.created_at.localeCompare(a.created_at));
  if (!newest || !job_ended(newest) || newest.finished_at === undefined) return newest;
  const age_ms = now_ms.value - Date.parse(newest.finished_at);
  return age_ms < (newest.error ? failure_ms_max : news_ms_max) ? newest : undefined;
}

export function follow(job: Job): void {
  keep_job(job);
  refresh_job(job.id);
  refresh_machine();
}

// An act of one button: what is wrong with it is told in a toast.
export async function ask(run: () => Promise<{ job: Job }>): Promise<boolean> {
  const answer = await act(run);
  if (answer) follow(answer.job);
  return answer !== undefined;
}

// A machine that Berth did not set up is left alone.
export const locked = (): boolean => machine.value.state === "ready" && !machine.value.value.appliance;
export const locked_note = "system-locked";

// What decides which release runs next: one at a time.
export const release_jobs = ["install-update", "check-updates", "choose-slot"];

export function release_busy(now: Machine): boolean {
  const job = telling_job(release_jobs);
  return now.update.running || (job !== undefined && !job_ended(job));
}
