// A browser as far as the API sees one: keeps its cookie, sends its CSRF token, trusts one certificate.
import { Agent, request, type RequestOptions } from "node:https";
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { WebSocket } from "ws";

export interface Place {
  readonly port: number;
  readonly ca: Buffer;
  readonly address: string; // of this visitor, within 127.0.0.0/8
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: T;
  readonly text: string;
}

export interface Problem {
  readonly type: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: { pointer: string; code: string; params: Record<string, unknown>; message: string }[];
}

type Fields = Record<string, string>;

export class Visitor {
  cookie = "";
  csrf = "";
  private readonly agent: Agent;

  constructor(readonly place: Place) {
    this.agent = new Agent({ keepAlive: true, maxSockets: 16 });
  }

  get origin(): string {
    return `https://127.0.0.1:${this.place.port}`;
  }

  private options(method: string, path: string, headers: Fields): RequestOptions {
    const sent: Fields = { ...(this.cookie ? { cookie: this.cookie } : {}), ...headers };
    if (method !== "GET" && this.csrf && !("x-berth-csrf" in sent)) sent["x-berth-csrf"] = this.csrf;
    return { host: "127.0.0.1", port: this.place.port, localAddress: this.place.address, ca: this.place.ca, agent: this.agent, method, path, headers: sent };
  }

  // `path` below /api/v1, or a whole path that begins with //, of which one slash is dropped.
  async ask<T>(method: string, path: string, body?: unknown, headers: Fields = {}): Promise<Answer<T>> {
    const whole = path.startsWith("//") ? path.slice(1) : `/api/v1${path}`;
    const raw = body === undefined ? undefined : typeof body === "string" || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    const sent = raw === undefined ? headers : { "content-type": "application/json", "content-length": String(Buffer.byteLength(raw)), ...headers };
    const response = await new Promise<IncomingMessage>((done, failed) => {
      const asked = request(this.options(method, whole, sent), done);
      asked.once("error", failed);
      asked.end(raw);
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString("utf8");
    for (const line of response.headers["set-cookie"] ?? []) {
      const pair = line.split(";")[0] ?? "";
      this.cookie = /max-age=0/i.test(line) ? "" : pair;
    }
    const is_json = (response.headers["content-type"] ?? "").includes("json");
    return { status: response.statusCode ?? 0, headers: response.headers, body: (is_json ? JSON.parse(text) : undefined) as T, text };
  }

  get<T>(path: string, headers?: Fields): Promise<Answer<T>> {
    return this.ask<T>("GET", path, undefined, headers);
  }
  post<T>(path: string, body?: unknown, headers?: Fields): Promise<Answer<T>> {
    return this.ask<T>("POST", path, body, headers);
  }
  patch<T>(path: string, body: unknown, headers?: Fields): Promise<Answer<T>> {
    return this.ask<T>("PATCH", path, body, headers);
  }
  put<T>(path: string, body: unknown, headers?: Fields): Promise<Answer<T>> {
    return this.ask<T>("PUT", path, body, headers);
  }
  // A file as the body.
  async send<T>(path: string, bytes: Buffer, headers: Fields = {}): Promise<Answer<T>> {
    return this.ask<T>("POST", path, bytes, { "content-type": "application/octet-stream", ...headers });
  }
  // A file as the answer.
  async fetch(path: string): Promise<{ status: number; headers: IncomingHttpHeaders; bytes: Buffer }> {
    const response = await new Promise<IncomingMessage>((done, failed) => {
      const asked = request(this.options("GET", `/api/v1${path}`, {}), done);
      asked.once("error", failed);
      asked.end();
    });
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    return { status: response.statusCode ?? 0, headers: response.headers, bytes: Buffer.concat(chunks) };
  }
  remove<T>(path: string, headers?: Fields): Promise<Answer<T>> {
    return this.ask<T>("DELETE", path, undefined, headers);
  }

  async set_up(code: string, name: string, password: string): Promise<Answer<{ csrf_token: string }>> {
    return this.admitted(await this.post("/setup", { code, name, password }));
  }
  async sign_in(name: string, password: string, headers: Fields = {}): Promise<Answer<{ csrf_token: string }>> {
    return this.admitted(await this.post("/sessions", { name, password }, headers));
  }
  private admitted(answer: Answer<{ csrf_token: string }>): Answer<{ csrf_token: string }> {
    if (answer.status === 201) this.csrf = answer.body.csrf_token;
    return answer;
  }

  // Server-Sent Events, until `close` or the panel ends them.
  async events(headers: Fields = {}): Promise<EventStream> {
    const options = { ...this.options("GET", "/api/v1/events", headers), agent: new Agent() };
    const response = await new Promise<IncomingMessage>((done, failed) => {
      const asked = request(options, done);
      asked.once("error", failed);
      asked.end();
    });
    if (response.statusCode !== 200) {
      response.resume();
      throw new Error(`events: ${response.statusCode}`);
    }
    return new EventStream(response);
  }

  console(path: string, headers: Fields = { origin: this.origin }, protocols: string[] = ["binary"]): Console {
    const { port, ca, address } = this.place;
    return new Console(new WebSocket(`wss://127.0.0.1:${port}${path}`, protocols, { ca, localAddress: address, headers }));
  }
}

export interface StreamedEvent {
  readonly id: number;
  readonly type: string;
  readonly data: { type: string; subject: string; server?: string; job?: string; text: string };
}

export class EventStream {
  readonly seen: StreamedEvent[] = [];
  last_id = 0;
  ended = false;
  private rest = "";

  constructor(private readonly response: IncomingMessage) {
    response.setEncoding("utf8");
    response.on("data", (text: string) => this.take(text));
    for (const end of ["end", "close", "error"]) response.on(end, () => (this.ended = true));
  }
  close(): void {
    this.response.destroy();
  }
  private take(text: string): void {
    const blocks = (this.rest + text).split("\n\n");
    this.rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const fields = new Map(block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
      if (fields.has("id")) this.last_id = Number(fields.get("id"));
      if (fields.has("data")) this.seen.push({ id: this.last_id, type: fields.get("event") ?? "", data: JSON.parse(fields.get("data")!) });
    }
  }
}

export class Console {
  text = "";
  bytes = Buffer.alloc(0);
  code: number | undefined; // of the close frame
  refused: number | undefined; // status of a refused handshake
  opened = false;

  constructor(readonly socket: WebSocket) {
    socket.on("open", () => (this.opened = true));
    socket.on("message", (data: Buffer) => {
      this.bytes = Buffer.concat([this.bytes, data]);
      this.text += data.toString("utf8");
    });
    socket.on("close", (code) => (this.code = code));
    socket.on("unexpected-response", (asked, response) => {
      this.refused = response.statusCode;
      asked.destroy();
    });
    socket.on("error", () => undefined);
  }
  type(text: string): void {
    this.socket.send(Buffer.from(text));
  }
  close(): void {
    this.socket.terminate();
  }
}
