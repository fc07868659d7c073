// The panel's event stream (server-sent events), read with fetch: EventSource cannot see every event type at once, nor why
// a connection was refused. Reconnects with Last-Event-ID and growing pauses; a silent connection counts as lost.
import { problem_of, type Problem } from "./problem";

export interface StreamEvent {
  readonly type: string;
  readonly at: string;
  readonly subject: string;
  readonly text: string;
  readonly server?: string;
  readonly job?: string;
}

export interface StreamListener {
  opened(): void;
  event(event: StreamEvent): void;
  // 401 arrives here; return false to give up.
  lost(problem: Problem | undefined): boolean;
}

const silence_ms_max = 45_000; // the server sends a comment every 15 s
const pauses_ms = [500, 1000, 2000, 5000, 10_000, 20_000];

export class EventStream {
  private stopped = new AbortController();
  private last_id = "";
  private failures = 0;

  constructor(
    private readonly url: string,
    private readonly listener: StreamListener,
  ) {}

  start(): void {
    void this.run(this.stopped);
  }

  stop(): void {
    this.stopped.abort();
    this.stopped = new AbortController();
  }

  private async run(mine: AbortController): Promise<void> {
    while (!mine.signal.aborted) {
      const problem = await this.connect(mine.signal);
      if (mine.signal.aborted || !this.listener.lost(problem)) return;
      const pause = pauses_ms[Math.min(this.failures++, pauses_ms.length - 1)] ?? 0;
      const wait = Math.max(pause, (problem?.retry_after_s ?? 0) * 1000);
      await new Promise((resolve) => setTimeout(resolve, wait * (0.75 + Math.random() / 2)));
    }
  }

  private async connect(stop: AbortSignal): Promise<Problem | undefined> {
    const silence = new AbortController();
    let watchdog = setTimeout(() => silence.abort(), silence_ms_max);
    try {
      const headers = new Headers({ Accept: "text/event-stream" });
      if (this.last_id) headers.set("Last-Event-ID", this.last_id);
      const response = await fetch(this.url, {
        headers,
        credentials: "same-origin",
        cache: "no-store",
        signal: AbortSignal.any([stop, silence.signal]),
      });
      if (!response.ok || response.body === null) return await problem_of(response);
      this.failures = 0;
      this.listener.opened();
      const parser = new EventParser((id, data) => this.take(id, data));
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) return undefined;
        clearTimeout(watchdog);
        watchdog = setTimeout(() => silence.abort(), silence_ms_max);
        parser.push(value);
      }
    } catch {
      return undefined;
    } finally {
      clearTimeout(watchdog);
    }
  }

  private take(id: string, data: string): void {
    if (id) this.last_id = id;
    try {
      this.listener.event(JSON.parse(data) as StreamEvent);
    } catch {
      // A line we cannot read is not worth losing the stream.
    }
  }
}

// HTML standard, "Interpreting an event stream", as far as this server writes it.
export class EventParser {
  private rest = "";
  private id = "";
  private data: string[] = [];

  constructor(private readonly emit: (id: string, data: string) => void) {}

  push(chunk: string): void {
    const lines = (this.rest + chunk).split("\n");
    this.rest = lines.pop() ?? "";
    for (const raw of lines) this.line(raw.endsWith("\r") ? raw.slice(0, -1) : raw);
  }

  private line(line: string): void {
    if (line === "") {
      if (this.data.length > 0) this.emit(this.id, this.data.join("\n"));
      this.data = [];
      return;
    }
    const colon = line.indexOf(":");
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (name === "id") this.id = value;
    if (name === "data") this.data.push(value);
  }
}
