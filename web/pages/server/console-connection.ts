// A console's way to the guest: a single-use ticket, then a WebSocket; again when the guest is back or the line was cut.
import { signal } from "@preact/signals";
import { api } from "../../api/client";
import { as_problem } from "../../api/problem";
import type { ConsoleKind } from "../../api/types";
import { t } from "../../i18n";
import { problem_text } from "../../i18n/problem-text";

export type ConsoleState =
  | { readonly status: "connecting" }
  | { readonly status: "open" }
  | { readonly status: "closed"; readonly why: string };

// Close codes as agreed in the API: 4000 and on are the panel's own, 1013 is "try again later" (RFC 6455 registry).
const endings = {
  4000: "console.ended.stopped",
  4001: "console.ended.right",
  4002: "console.ended.ticket",
  1013: "console.ended.many",
} as const;
const ending = (code: number): string => (code in endings ? t(endings[code as keyof typeof endings]) : t("console.ended.lost"));
const guest_stopped = 4000;
const lost_codes = new Set([1001, 1005, 1006, 1011, 1012]);
const tries_max = 4;
const pause_ms = 800;

export class ConsoleConnection {
  readonly state = signal<ConsoleState>({ status: "connecting" });
  // Why it ended last: a stopped guest is reconnected when it runs again.
  private code = 0;
  private tries = 0;
  private socket: WebSocket | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private disposed = false;

  constructor(
    private readonly server: string,
    private readonly kind: ConsoleKind,
    // Called with every new socket before it is open.
    private readonly attach: (socket: WebSocket) => void,
  ) {}

  async open(): Promise<void> {
    this.drop();
    this.state.value = { status: "connecting" };
    try {
      const ticket = await api.post("/servers/{server}/console-tickets", { path: { server: this.server }, body: { kind: this.kind } });
      if (this.disposed) return;
      const address = new URL(ticket.url, location.href);
      address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
      this.listen(new WebSocket(address, "binary"));
    } catch (error) {
      const problem = as_problem(error);
      // 409: it does not run. Then its start brings the console back, as after a stop.
      this.end(problem.status === 409 ? guest_stopped : 0, problem_text(problem));
    }
  }

  private listen(socket: WebSocket): void {
    this.socket = socket;
    socket.binaryType = "arraybuffer";
    socket.addEventListener("open", () => {
      this.tries = 0;
      this.state.value = { status: "open" };
    });
    socket.addEventListener("close", ({ code }) => {
      if (this.socket !== socket) return;
      if (lost_codes.has(code) && this.tries < tries_max && !this.disposed) {
        this.state.value = { status: "connecting" };
        this.timer = setTimeout(() => void this.open(), pause_ms * 2 ** this.tries++);
      } else this.end(code, ending(code));
    });
    this.attach(socket);
  }

  private end(code: number, why: string): void {
    this.code = code;
    if (!this.disposed) this.state.value = { status: "closed", why };
  }

  // The user asks for it.
  reconnect(): void {
    this.tries = 0;
    void this.open();
  }

  // Whether the guest's stop ended it, so that its start should bring it back.
  get waits_for_guest(): boolean {
    return this.state.value.status === "closed" && this.code === guest_stopped;
  }

  disconnect(): void {
    this.drop();
    this.end(0, "");
  }

  private drop(): void {
    clearTimeout(this.timer);
    const old = this.socket;
    this.socket = undefined;
    old?.close();
  }

  dispose(): void {
    this.disposed = true;
    this.drop();
  }
}
