// The machine's present state as signals: loaded once, then kept fresh by the event stream. An event says only *what*
// changed; the thing itself is read again, so that pages never guess.
import { batch, computed, signal } from "@preact/signals";
import { api } from "../api/client";
import { EventStream, type StreamEvent } from "../api/event-stream";
import { as_problem, type Problem } from "../api/problem";
import type { Host, Job, Server } from "../api/types";
import { Refresher } from "./refresher";
import { session } from "./session";

export type Loadable = "loading" | "ready" | Problem;

export const servers = signal<ReadonlyMap<string, Server>>(new Map());
export const servers_load = signal<Loadable>("loading");
export const next_servers = signal<string | undefined>(undefined);
export const jobs = signal<ReadonlyMap<string, Job>>(new Map());
export const host = signal<Host | undefined>(undefined);
// Figures are there once the engine has described the machine.
export const machine = computed(() => (host.value && host.value.cpus > 0 ? host.value : undefined));
export const host_load = signal<Loadable>("loading");
export const connection = signal<"connecting" | "open" | "lost">("connecting");

export const server_list = computed(() =>
  [...servers.value.values()].sort((a, b) => b.created_at.localeCompare(a.created_at) || b.id.localeCompare(a.id)),
);

const ended = new Set<Job["state"]>(["succeeded", "failed", "undone", "cancelled"]);
export const job_ended = (job: Job): boolean => ended.has(job.state);

function put<T>(store: { value: ReadonlyMap<string, T> }, id: string, item: T | undefined): void {
  const copy = new Map(store.value);
  if (item === undefined) copy.delete(id);
  else copy.set(id, item);
  store.value = copy;
}

// What an act answered is shown at once, before its event arrives.
export function keep_server(server: Server): void {
  put(servers, server.id, server);
}
export function keep_job(job: Job): void {
  put(jobs, job.id, job);
}

async function read_server(id: string): Promise<void> {
  try {
    keep_server(await api.get("/servers/{server}", { path: { server: id } }));
  } catch (error) {
    if (as_problem(error).status !== 404) throw error;
    put(servers, id, undefined);
  }
}

async function read_job(id: string): Promise<void> {
  const job = await api.get("/jobs/{job}", { path: { job: id } });
  const before = jobs.peek().get(id);
  keep_job(job);
  if (!job_ended(job) || (before !== undefined && job_ended(before))) return;
  if (job.server) server_refresher.want(job.server);
  for (const listener of job_end_listeners) listener(job);
}

export async function read_host(): Promise<void> {
  try {
    host.value = (await api.get("/host")).host;
    host_load.value = "ready";
  } catch (error) {
    host_load.value = as_problem(error);
  }
}

const job_end_listeners = new Set<(job: Job) => void>();
export function on_job_end(listener: (job: Job) => void): () => void {
  job_end_listeners.add(listener);
  return () => job_end_listeners.delete(listener);
}

const server_refresher = new Refresher(read_server);
const job_refresher = new Refresher(read_job);
const host_refresher = new Refresher(read_host, 1500);
export const refresh_server = (id: string): void => server_refresher.want(id);
export const refresh_job = (id: string): void => job_refresher.want(id);

const page_size = 100;
const loaded_max = 1000;

export async function load_servers(): Promise<void> {
  if (servers_load.peek() !== "ready") servers_load.value = "loading";
  try {
    let page = await api.get("/servers", { query: { limit: page_size } });
    const items = page.items;
    // Search and filter look at what is here: everything, up to a number that a browser carries easily.
    while (page.next_cursor !== undefined && items.length < loaded_max) {
      page = await api.get("/servers", { query: { limit: page_size, cursor: page.next_cursor } });
      items.push(...page.items);
    }
    batch(() => {
      servers.value = new Map(items.map((server) => [server.id, server]));
      next_servers.value = page.next_cursor;
      servers_load.value = "ready";
    });
  } catch (error) {
    servers_load.value = as_problem(error);
  }
}

export async function load_more_servers(): Promise<void> {
  const cursor = next_servers.peek();
  if (cursor === undefined) return;
  const page = await api.get("/servers", { query: { limit: page_size, cursor } });
  batch(() => {
    servers.value = new Map([...servers.value, ...page.items.map((server) => [server.id, server] as const)]);
    next_servers.value = page.next_cursor;
  });
}

const event_listeners = new Set<(event: StreamEvent) => void>();
// Every event of the stream, for a page that shows what is not kept here.
export function on_event(listener: (event: StreamEvent) => void): () => void {
  event_listeners.add(listener);
  return () => event_listeners.delete(listener);
}

function take(event: StreamEvent): void {
  for (const listener of event_listeners) listener(event);
  const server = event.server ?? (event.subject.startsWith("srv_") ? event.subject : undefined);
  const job = event.job ?? (event.subject.startsWith("job_") ? event.subject : undefined);
  if (server) server_refresher.want(server);
  if (job) job_refresher.want(job);
  host_refresher.want("host");
}

let stream: EventStream | undefined;
let hidden_timer: ReturnType<typeof setTimeout> | undefined;
const hidden_ms_max = 30_000;

function connect(): void {
  if (stream || session.peek().status !== "in") return;
  stream = new EventStream("/api/v1/events", {
    opened: () => {
      connection.value = "open";
      void load_servers();
      void read_host();
      for (const job of jobs.peek().values()) if (!job_ended(job)) refresh_job(job.id);
    },
    event: take,
    lost: (problem) => {
      connection.value = "lost";
      // A read meets the same 401 and asks the user to sign in again; the stream follows.
      if (problem?.status === 401) void read_host();
      return true;
    },
  });
  stream.start();
}

function disconnect(): void {
  stream?.stop();
  stream = undefined;
  connection.value = "connecting";
}

// A stream holds a connection here and a thread there: tabs that nobody looks at give theirs back.
function watch_visibility(): void {
  clearTimeout(hidden_timer);
  if (document.hidden) hidden_timer = setTimeout(disconnect, hidden_ms_max);
  else connect();
}

export function start_live(): void {
  document.addEventListener("visibilitychange", watch_visibility);
  addEventListener("online", () => {
    disconnect();
    connect();
  });
  session.subscribe(({ status }) => (status === "in" ? connect() : disconnect()));
}
