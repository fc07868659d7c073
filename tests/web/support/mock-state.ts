// The mock panel's world: a few sample servers and jobs that take their steps when told to, or by the clock.
import { randomUUID } from "node:crypto";
import type { components } from "../../../web/api/openapi";
import { machine_facts, type Machine } from "./mock-machine";

type Schemas = components["schemas"];
export type Server = Schemas["Server"];
export type Job = Schemas["Job"];
export type Host = Schemas["Host"];
type Image = Schemas["Image"];
type Plan = Schemas["Plan"];
type Session = Schemas["Session"];
type User = Schemas["User"];

const mib = 1024 ** 2;
const gib = 1024 ** 3;
export const id = (kind: string) => `${kind}_${randomUUID()}`;
export const now = () => new Date().toISOString();
const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

export interface LogLine {
  seq: number;
  at: string;
  text: string;
}
export interface MockEvent {
  seq: number;
  type: string;
  at: string;
  subject: string;
  text: string;
  server?: string;
  job?: string;
}

export const setup_code = "7KQ2-M4XT-9WRD";
export const password = "correct horse battery";

export const images: Image[] = [
  image("debian-13-vm", "Debian 13", "vm", 320 * mib, 2 * gib, 256 * mib, { login: "debian" }),
  image("tiny-vm", "Tiny", "vm", 9 * mib, 64 * mib, 64 * mib, { login: "root", os: "busybox" }),
  image("ubuntu-vm", "Ubuntu 24.04", "vm", 590 * mib, 4 * gib, 512 * mib, { state: "importing", os: "ubuntu", version: "24.04" }),
  image("debian-13", "Debian 13", "container", 48 * mib, 256 * mib, 32 * mib, { login: "root" }),
  image("tiny", "Tiny", "container", 2 * mib, 16 * mib, 8 * mib, { login: "root", os: "busybox" }),
  image("broken", "Alpine 3.20", "container", 3 * mib, 16 * mib, 8 * mib, { state: "failed", os: "alpine", version: "3.20" }),
];

function image(name: string, title: string, kind: Image["kind"], size_bytes: number, min_disk_bytes: number, min_memory_bytes: number, more: Partial<Image>): Image {
  return { id: `img_${name}`, name, title, kind, os: "debian", version: "13", size_bytes, min_disk_bytes, min_memory_bytes, state: "ready", ...more };
}

export const plans: Plan[] = [
  { id: "plan_nano", name: "Nano", vcpus: 1, memory_bytes: 128 * mib, disk_bytes: 512 * mib },
  { id: "plan_small", name: "Small", vcpus: 1, memory_bytes: gib, disk_bytes: 10 * gib },
  { id: "plan_medium", name: "Medium", vcpus: 2, memory_bytes: 4 * gib, disk_bytes: 40 * gib },
  { id: "plan_large", name: "Large", vcpus: 8, memory_bytes: 64 * gib, disk_bytes: 400 * gib, kind: "vm" },
];

export function host_facts(): Host {
  return {
    hostname: "quay-7",
    kernel: "6.12.48+deb13-amd64",
    cpus: 8,
    memory_bytes: 32 * gib,
    memory_free_bytes: 18.5 * gib,
    memory_promised_bytes: 14 * gib,
    memory_to_sell_bytes: 16.4 * gib,
    storage_bytes: 500 * gib,
    storage_free_bytes: 361 * gib,
    storage_full: false,
    accelerator: "tcg",
    accelerator_reason: "an ordinary guest could not execute on /dev/kvm: KVM internal error",
    reflink: true,
    engine_ok: true,
    pool: { addresses_total: 62, addresses_free: 55 },
  };
}

export function sample_server(name: string, more: Partial<Server> = {}): Server {
  const kind = more.kind ?? "vm";
  const of = images.find((one) => one.kind === kind)!;
  const plan = plans[kind === "vm" ? 2 : 1]!;
  const running = (more.state ?? "running") === "running";
  return {
    id: id("srv"),
    name,
    hostname: name.toLowerCase().replaceAll(" ", "-"),
    kind,
    image: { id: of.id, title: of.title },
    plan: { id: plan.id, name: plan.name },
    vcpus: plan.vcpus,
    memory_bytes: plan.memory_bytes,
    disk_bytes: plan.disk_bytes,
    address: `10.77.0.${10 + Math.floor(Math.random() * 200)}`,
    mac: "52:54:00:4a:91:0c",
    created_at: ago(60 * 24 * 9),
    wanted: running ? "running" : "stopped",
    state: "running",
    observed_at: now(),
    ...(running ? { usage: { cpu_ns: 81_000_000_000, memory_bytes: plan.memory_bytes * 0.41, disk_bytes: plan.disk_bytes * 0.23, rx_bytes: 1_234_567_890, tx_bytes: 345_678_901 } } : {}),
    ...more,
  };
}

const step_names: Record<string, readonly string[]> = {
  "server.regroup": ["change whom it may reach", "record what the engine says"],
  "server.create": ["make the network ready", "create its disk", "connect it to the network", "define it", "start it", "record what the engine says"],
  "server.delete": ["close its consoles", "stop the guest", "undefine it", "disconnect it from the network", "delete its disk", "release its address", "forget it"],
};

export class World {
  setup_needed = false;
  language?: string;
  host: Host = host_facts();
  machine: Machine = machine_facts();
  user: User = { id: id("usr"), name: "ada", role: "superadmin", created_at: ago(60 * 24 * 30) };
  password = password;
  readonly servers = new Map<string, Server>();
  readonly jobs = new Map<string, Job>();
  readonly logs = new Map<string, LogLine[]>();
  readonly events: MockEvent[] = [];
  readonly sessions = new Map<string, Session & { csrf: string }>();
  private readonly listeners = new Set<(event: MockEvent) => void>();
  private readonly after_job = new Map<string, () => void>();

  on_event(listener: (event: MockEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  emit(type: string, subject: string, text: string, about: { server?: string; job?: string } = {}): void {
    const event = { seq: this.events.length + 1, type, at: now(), subject, text, ...about };
    this.events.push(event);
    for (const listener of this.listeners) listener(event);
  }

  add(...servers: Server[]): void {
    for (const server of servers) this.servers.set(server.id, server);
  }

  change(server_id: string, more: Partial<Server>): void {
    const server = this.servers.get(server_id);
    if (!server) return;
    this.servers.set(server_id, { ...server, ...more, observed_at: now() });
    this.emit("server.changed", server_id, "changed", { server: server_id });
  }

  remove(server_id: string): void {
    this.servers.delete(server_id);
    this.emit("server.deleted", server_id, "deleted", { server: server_id });
  }

  enqueue(type: string, title: string, server: string, after: () => void): Job {
    const names = step_names[type] ?? ["start the guest", "record what the engine says"];
    const job: Job = {
      id: id("job"),
      type,
      title,
      server,
      state: "running",
      steps: names.map((name) => ({ name, state: "pending" as const })),
      progress: 0,
      created_at: now(),
      started_at: now(),
      can_cancel: type === "server.create",
      can_retry: false,
    };
    this.jobs.set(job.id, job);
    this.logs.set(job.id, []);
    this.after_job.set(job.id, after);
    this.change(server, { job: job.id });
    return job;
  }

  log(job_id: string, text: string): void {
    const lines = this.logs.get(job_id) ?? [];
    lines.push({ seq: lines.length + 1, at: now(), text });
    this.logs.set(job_id, lines);
  }

  // Finishes the running step and begins the next; true while there is more to do.
  advance(job_id: string): boolean {
    const job = this.jobs.get(job_id);
    if (!job || job.state !== "running") return false;
    const at = job.steps.findIndex((step) => step.state === "running");
    const steps = job.steps.map((step, i) => {
      if (i === at) return { ...step, state: "done" as const, finished_at: now() };
      if (i === at + 1) return { ...step, state: "running" as const, started_at: now() };
      return step;
    });
    const next = steps[at + 1];
    this.log(job_id, next ? `${next.name}: begun` : "all done");
    const done = steps.filter((step) => step.state === "done").length;
    const ended = next === undefined;
    this.jobs.set(job_id, { ...job, steps, progress: Math.round((100 * done) / steps.length), ...(ended ? { state: "succeeded", can_cancel: false, finished_at: now() } : {}) });
    if (ended) {
      this.change(job.server!, { job: undefined });
      this.after_job.get(job_id)?.();
    }
    this.emit("job.progress", job_id, job.title, { job: job_id, server: job.server });
    return !ended;
  }

  fail(job_id: string, message: string): void {
    const job = this.jobs.get(job_id)!;
    const failed = job.steps.find((step) => step.state === "running")?.name;
    const ends = { running: "failed", done: "undone", pending: "skipped" } as const;
    const steps = job.steps.map((step) => ({ ...step, state: step.state in ends ? ends[step.state as keyof typeof ends] : step.state, ...(step.name === failed ? { finished_at: now() } : {}) }));
    this.jobs.set(job_id, { ...job, steps, state: "undone", error: { slug: "exhausted", message, step: failed }, can_cancel: false, can_retry: true, finished_at: now() });
    this.log(job_id, `failed: ${message}`);
    this.change(job.server!, { job: undefined, state: "failed", state_reason: message });
    this.emit("job.failed", job_id, message, { job: job_id, server: job.server });
  }

  cancel(job_id: string): void {
    const job = this.jobs.get(job_id)!;
    const steps = job.steps.map((step) => ({ ...step, state: step.state === "pending" ? ("skipped" as const) : ("undone" as const) }));
    this.jobs.set(job_id, { ...job, steps, state: "cancelled", can_cancel: false, can_retry: true, finished_at: now() });
    this.change(job.server!, { job: undefined, state: "failed", state_reason: "cancelled" });
    this.emit("job.cancelled", job_id, job.title, { job: job_id, server: job.server });
  }

  retry(job_id: string): Job {
    const old = this.jobs.get(job_id)!;
    this.jobs.set(job_id, { ...old, can_retry: false });
    this.change(old.server!, { state: old.type === "server.create" ? "creating" : "stopped", state_reason: undefined });
    return this.enqueue(old.type, old.title, old.server!, this.after_job.get(job_id) ?? (() => undefined));
  }
}
