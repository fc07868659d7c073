// The machine itself, as the mock panel has it: an appliance with two slots, two cards and an update on a stick.
import type { components } from "../../../web/api/openapi";
import { id, now, type World } from "./mock-state";

type Schemas = components["schemas"];
export type Machine = Schemas["Machine"];
export type NetworkSettings = Schemas["NetworkSettings"];

const automatic = { method: "automatic", address: "", gateway: "" } as const;
export const sample_key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBTCPxJSfXrZEGcsBVM2oBfWeHTyZb8UPBJ3WWZE0n0O admin@desk";

export function machine_facts(): Machine {
  return {
    observed_at: now(),
    appliance: true,
    hostname: "quay-7",
    version: "1.4.0",
    board: "pc-x86_64",
    uptime_s: 4 * 86_400 + 3 * 3600,
    time: { time_zone: "Europe/Warsaw", ntp: true, ntp_servers: ["ntp.example.org"], synchronised: true, unix_seconds: Math.floor(Date.now() / 1000) },
    network: {
      kept: { links: [{ name: "uplink", kind: "ethernet", cards: [], members: [], bond_mode: "active_backup", ipv4: automatic, ipv6: automatic }], dns: [], search: [] },
      seconds_left: 0,
      links: [
        { name: "enp1s0", mac: "52:54:00:00:00:01", driver: "virtio_net", carrier: true, addresses: ["192.0.2.10/24", "2001:db8::5054:ff:fe00:1/64"] },
        { name: "enp2s0", mac: "52:54:00:00:00:02", driver: "igc", carrier: false, addresses: [] },
      ],
    },
    ssh: { enabled: true, keys: [sample_key] },
    slots: [
      { name: "a", version: "1.4.0", booted: true, good: true, tries_left: 3 },
      { name: "b", version: "1.3.2", booted: false, good: true, tries_left: 3 },
    ],
    next_slot: "a",
    restart_needed: false,
    update: { running: false, percent: 0, step: "", failure: "", version: "" },
    found_updates: [
      { id: "stick1", place: "usb", name: "berth-1.5.0-pc-x86_64.raucb", version: "1.5.0", board: "pc-x86_64", size_bytes: 412 * 1024 ** 2, compatible: true, problem: "" },
      { id: "folder1", place: "folder", name: "berth-1.5.0-arm.raucb", version: "1.5.0", board: "rockpro64", size_bytes: 398 * 1024 ** 2, compatible: false, problem: "It is made for another board (rockpro64)." },
    ],
    update_policy: { channel_url: "https://updates.example.org/stable", automatic: true, window: { weekdays: ["sunday"], from: "03:00", minutes: 120 } },
    last_check: { at: now(), version: "1.4.0" },
    certificate: {
      fingerprint: Array.from({ length: 32 }, (_, i) => (i * 37 + 11).toString(16).padStart(2, "0").slice(-2).toUpperCase()).join(":"),
      expires_at: "2036-11-20T00:00:00Z",
      names: ["quay-7", "192.0.2.10"],
      self_signed: true,
    },
    support_bundle: { made_at: now(), size_bytes: 1_482_112 },
    jobs: [],
  };
}

// Fixed addresses, on trial.
export function on_trial(machine: Machine, seconds_left: number): Machine {
  const [uplink] = machine.network.kept.links;
  const tried = { ...machine.network.kept, links: [{ ...uplink!, ipv4: { method: "fixed" as const, address: "192.0.2.77/24", gateway: "192.0.2.1" } }] };
  return { ...machine, network: { ...machine.network, tried, seconds_left } };
}

export function with_rollback(machine: Machine): Machine {
  return { ...machine, last_rollback: "1.5.0 did not come up well: the engine did not answer within 120 s.", next_slot: "b", restart_needed: true };
}

// A job of the machine, half way through.
export function installing(world: World): void {
  const names = ["hand it to the machine", "write it to the other slot", "record what the machine says", "remove the file it came in"];
  const job: Schemas["Job"] = {
    id: id("job"), type: "machine.install-update", title: "Install the update 1.5.0", state: "running", progress: 46, activity: "Writing the slot",
    steps: names.map((name, i) => ({ name, state: i === 0 ? "done" : i === 1 ? "running" : "pending" })),
    created_at: now(), started_at: now(), can_cancel: false, can_retry: false,
  };
  world.jobs.set(job.id, job);
  world.logs.set(job.id, []);
  world.machine = { ...world.machine, jobs: [job], update: { running: true, percent: 46, step: "Writing the slot", failure: "", version: "1.5.0" } };
}

export function forget_jobs(world: World): void {
  for (const job of world.jobs.values()) if (job.type.startsWith("machine.")) world.jobs.delete(job.id);
}
