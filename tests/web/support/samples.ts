import { sample_server, type World } from "./mock-state";

// One server in each interesting state.
export function fill(world: World): void {
  world.add(
    sample_server("shop", { address: "10.77.0.11", peer_group: "shop floor", created_at: "2026-11-01T09:00:00Z" }),
    sample_server("mail gateway", { kind: "container", address: "10.77.0.12", peer_group: "shop floor", created_at: "2026-11-02T09:00:00Z" }),
    sample_server("game night", { kind: "container", address: "10.77.0.13", state: "stopped", created_at: "2026-11-03T09:00:00Z" }),
    sample_server("build", { address: "10.77.0.14", state: "paused", wanted: "paused", created_at: "2026-11-04T09:00:00Z" }),
    sample_server("wiki", { kind: "container", address: "10.77.0.15", state: "crashed", state_reason: "exited with 137: out of memory", wanted: "running", created_at: "2026-11-05T09:00:00Z" }),
    sample_server("db replica", { address: "10.77.0.16", drift: "memory was changed to 2 GiB with virsh", created_at: "2026-11-06T09:00:00Z" }),
  );
}
