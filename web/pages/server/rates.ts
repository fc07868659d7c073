// Processor share and traffic per second, from two looks at the engine's counters.
import { signal } from "@preact/signals";
import type { Server } from "../../api/types";

export interface Rates {
  readonly cpu_share: number; // of all its vCPUs
  readonly rx_per_s: number;
  readonly tx_per_s: number;
}

interface Sample {
  readonly at_ms: number;
  readonly cpu_ns: number;
  readonly rx_bytes: number;
  readonly tx_bytes: number;
}

const last = new Map<string, Sample>();
export const rates = signal<ReadonlyMap<string, Rates>>(new Map());

export function observe(server: Server): void {
  const { usage, observed_at, id, vcpus } = server;
  if (!usage || !observed_at || server.state !== "running") {
    last.delete(id);
    return;
  }
  const sample = { at_ms: Date.parse(observed_at), cpu_ns: usage.cpu_ns, rx_bytes: usage.rx_bytes, tx_bytes: usage.tx_bytes };
  const before = last.get(id);
  if (before && before.at_ms === sample.at_ms) return;
  last.set(id, sample);
  // A counter that went back belongs to a guest that was started anew.
  if (!before || sample.cpu_ns < before.cpu_ns) return;
  const seconds = (sample.at_ms - before.at_ms) / 1000;
  if (seconds <= 0) return;
  const now: Rates = {
    cpu_share: Math.min(1, (sample.cpu_ns - before.cpu_ns) / 1e9 / seconds / vcpus),
    rx_per_s: Math.max(0, sample.rx_bytes - before.rx_bytes) / seconds,
    tx_per_s: Math.max(0, sample.tx_bytes - before.tx_bytes) / seconds,
  };
  rates.value = new Map([...rates.peek(), [id, now]]);
}
