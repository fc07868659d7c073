// A panel in memory for the web client's own tests: the API of firmware/api over HTTP, the built pages with the real policy,
// an event stream, and consoles that echo. It checks what berthd checks of a client: cookie, CSRF header, idempotency key.
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import { existsSync, readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { gzipSync } from "node:zlib";
import { WebSocketServer } from "ws";
import { serial_console, vnc_console, type ConsoleLog } from "./mock-consoles";
import { handlers, type Call, type Answer, ProblemAnswer } from "./mock-routes";
import { World, type MockEvent } from "./mock-state";

export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

const types: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};
const public_routes = new Set(["GET /setup", "POST /setup", "POST /sessions"]);

export class MockPanel {
  readonly world = new World();
  readonly consoles: ConsoleLog = { serial: [], keys: [], resizes: [] };
  // Method and route -> what it answers instead, once.
  readonly trouble = new Map<string, Answer>();
  // The same, until it is taken away: a page reads again by itself when its event stream opens.
  readonly lasting_trouble = new Map<string, Answer>();
  readonly requests: string[] = [];
  // Reads wait for it: for tests of loading states.
  gate: Promise<void> = Promise.resolve();
  streams_refused = false;
  private readonly server: HttpServer;
  private readonly sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "binary" });
  private readonly streams = new Set<ServerResponse>();
  private readonly tickets = new Map<string, { kind: string; server: string }>();
  private step_timer: NodeJS.Timeout | undefined;

  constructor(private readonly pages = join(import.meta.dirname, "../../../build/web")) {
    this.server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        console.error(error);
        response.writeHead(500).end();
      });
    });
    this.server.on("upgrade", (request, socket, head) => {
      const ticket = this.tickets.get(new URL(request.url ?? "", "http://x").searchParams.get("ticket") ?? "");
      this.sockets.handleUpgrade(request, socket, head, (ws) => {
        if (!ticket) ws.close(4002, "ticket");
        else if (ticket.kind === "vnc") vnc_console(ws, this.consoles);
        else serial_console(ws, this.world, ticket.server, this.consoles);
      });
    });
    this.world.on_event((event) => {
      for (const stream of this.streams) write_event(stream, event);
    });
  }

  get url(): string {
    return `http://localhost:${(this.server.address() as AddressInfo).port}`;
  }

  async start(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    return this;
  }

  // Jobs take a step every so often; without it the test takes them.
  run_jobs(every_ms: number): void {
    clearInterval(this.step_timer);
    this.step_timer = setInterval(() => {
      for (const job of this.world.jobs.values()) this.world.advance(job.id);
    }, every_ms);
  }

  close_streams(): void {
    for (const stream of this.streams) stream.destroy();
  }

  get open_consoles(): number {
    return this.sockets.clients.size;
  }

  close_consoles(code: number): void {
    for (const socket of this.sockets.clients) socket.close(code);
  }

  async stop(): Promise<void> {
    clearInterval(this.step_timer);
    for (const socket of this.sockets.clients) socket.terminate();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  make_ticket(kind: string, server: string): string {
    const ticket = randomUUID();
    this.tickets.set(ticket, { kind, server });
    return ticket;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    response.setHeader("Content-Security-Policy", policy);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader("Referrer-Policy", "no-referrer");
    if (!url.pathname.startsWith("/api/v1/")) return this.page(url.pathname, response);
    const route = `${request.method} ${url.pathname.slice("/api/v1".length)}`;
    this.requests.push(route);
    const call: Call = {
      panel: this,
      world: this.world,
      query: url.searchParams,
      body: await body_of(request),
      headers: request.headers,
      session: this.session_of(request),
      params: {},
    };
    if (route === "GET /events") return this.stream(call, response);
    if (request.method === "GET") await this.gate;
    let answer: Answer;
    try {
      answer = this.lasting_trouble.get(route) ?? this.trouble.get(route) ?? this.dispatch(route, call);
      this.trouble.delete(route);
    } catch (error) {
      if (!(error instanceof ProblemAnswer)) throw error;
      answer = error.answer;
    }
    const problem = answer.status >= 400;
    response.writeHead(answer.status, { ...answer.headers, ...(answer.body === undefined ? {} : { "Content-Type": problem ? "application/problem+json" : "application/json" }) });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  }

  private dispatch(route: string, call: Call): Answer {
    if (!public_routes.has(route)) {
      if (!call.session) throw new ProblemAnswer(401, "not-signed-in", "Sign in first");
      if (!route.startsWith("GET ") && call.headers["x-berth-csrf"] !== call.session.csrf) throw new ProblemAnswer(403, "csrf", "The CSRF token is missing or stale");
    }
    for (const { pattern, handle } of handlers) {
      const found = pattern.exec(route);
      if (found) return handle({ ...call, params: found.groups ?? {} });
    }
    throw new ProblemAnswer(404, "not-found", "There is no such route");
  }

  private session_of(request: IncomingMessage) {
    const token = /__Host-berth_session=([^;]+)/.exec(request.headers.cookie ?? "")?.[1];
    return token === undefined ? undefined : this.world.sessions.get(token);
  }

  private stream(call: Call, response: ServerResponse): void {
    if (!call.session || this.streams_refused) {
      response.writeHead(call.session ? 503 : 401, { "Content-Type": "application/problem+json" });
      response.end(JSON.stringify({ type: "/problems/unauthenticated", title: "Sign in first", status: 401 }));
      return;
    }
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    response.write(": hello\n\n");
    const last = Number(call.headers["last-event-id"] ?? this.world.events.length);
    for (const event of this.world.events.slice(last)) write_event(response, event);
    this.streams.add(response);
    response.on("close", () => this.streams.delete(response));
  }

  private page(path: string, response: ServerResponse): void {
    const file = join(this.pages, normalize(path));
    const found = extname(path) !== "" && file.startsWith(this.pages) && existsSync(file);
    if (!found && path.startsWith("/assets/")) {
      response.writeHead(404).end();
      return;
    }
    const content = gzipSync(readFileSync(found ? file : join(this.pages, "index.html")));
    response.writeHead(200, { "Content-Type": types[found ? extname(path) : ".html"] ?? "application/octet-stream", "Content-Encoding": "gzip" });
    response.end(content);
  }
}

function write_event(response: ServerResponse, event: MockEvent): void {
  response.write(`id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
}

async function body_of(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}
