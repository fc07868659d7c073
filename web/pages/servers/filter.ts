import type { Server } from "../../api/types";

// "Needs attention": what is not as it was wished, or was changed behind the panel's back.
const attention = (server: Server): boolean =>
  server.state === "crashed" || server.state === "failed" || server.state === "unknown" || server.drift !== undefined;

export const filters = {
  all: () => true,
  running: (server: Server) => server.state === "running",
  stopped: (server: Server) => server.state === "stopped",
  attention,
} as const satisfies Record<string, (server: Server) => boolean>;

export type ServerFilter = keyof typeof filters;

// Every word must occur somewhere in what the list shows.
export function matches(server: Server, search: string): boolean {
  const text = [server.name, server.hostname, server.address ?? "", server.image.title, server.plan.name].join(" ").toLowerCase();
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
