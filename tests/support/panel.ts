// The panel and the engine in memory, as processes of their own, as the user berth, in a folder of their own.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chownSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { until } from "./stack";
import { Visitor } from "./visitor";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
export const bin = process.env.BERTH_BIN ?? `${root}/build/${process.env.BERTH_PRESET ?? "dev"}/bin`;
export const berth_id = 940; // uid and gid, rootfs/hooks/10-users.sh
export const password = "a quiet harbour at night";

// Each with a description and a file with the right digest: what an image is to the engine in memory.
function write_images(folder: string): void {
  for (const [name, kind, format] of [["tiny", "container", "oci-archive"], ["tiny-vm", "vm", "qcow2"]] as const) {
    mkdirSync(`${folder}/${name}`, { recursive: true });
    const bytes = Buffer.from(`image ${name}\n`);
    writeFileSync(`${folder}/${name}/image.bin`, bytes);
    writeFileSync(`${folder}/${name}/image.json`, JSON.stringify({
      name, kind, format, file: "image.bin", title: `Tiny ${kind}`, os: "busybox", version: "1", login: "root",
      sha256: createHash("sha256").update(bytes).digest("hex"), size_bytes: bytes.length,
      min_disk_bytes: 64 << 20, min_memory_bytes: 32 << 20,
    }));
  }
}

export interface PanelOptions {
  engine?: boolean; // false: nobody answers at the engine's socket
  arguments?: string[];
}

export class Panel {
  readonly folder: string;
  readonly lines = new Map<string, string>();
  readonly log: string[] = [];
  private panel: ChildProcess | undefined;
  private engine: ChildProcess | undefined;

  private constructor() {
    this.folder = mkdtempSync(`${tmpdir()}/berth-panel-`);
    chownSync(this.folder, berth_id, berth_id);
    write_images(`${this.folder}/images`);
  }

  // Up, with its greeting read. Not set up.
  static async start(options: PanelOptions = {}): Promise<Panel> {
    const panel = new Panel();
    if (options.engine !== false) await panel.start_engine();
    await panel.start_panel(options.arguments);
    return panel;
  }

  // Set up; the administrator signed in and the starter images ready.
  static async ready(options: PanelOptions = {}): Promise<{ panel: Panel; admin: Visitor }> {
    const panel = await Panel.start(options);
    const admin = panel.visitor();
    await admin.set_up(panel.setup_code, "maria", password);
    await until("the starter images", async () => {
      const images = await admin.get<{ items: { state: string }[] }>("/images");
      return images.body.items.length === 2 && images.body.items.every((image) => image.state === "ready");
    });
    return { panel, admin };
  }

  get port(): number {
    return Number(new URL(this.lines.get("url") ?? "").port);
  }
  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }
  get setup_code(): string {
    return this.lines.get("setup-code") ?? "";
  }
  get socket(): string {
    return `${this.folder}/panel.sock`;
  }
  get certificate(): Buffer {
    return readFileSync(`${this.folder}/state/tls/panel.pem`);
  }
  get pid(): number {
    return this.panel?.pid ?? 0;
  }

  // Somebody with a browser, at an address of the loopback network.
  visitor(address = "127.0.0.1"): Visitor {
    return new Visitor({ port: this.port, ca: this.certificate, address });
  }

  async start_engine(): Promise<void> {
    this.engine = this.run("berth-engine-fake", ["--socket", `${this.folder}/engine.sock`, "--state", `${this.folder}/engine.json`]);
    await until("the engine's socket", () => existsSync(`${this.folder}/engine.sock`), 30);
  }

  async start_panel(more: string[] = []): Promise<void> {
    this.lines.clear();
    const child = this.run("berthd", ["--state", `${this.folder}/state`, "--listen", "127.0.0.1:0", "--engine", `${this.folder}/engine.sock`,
      "--socket", this.socket, "--images", `${this.folder}/images`, ...more]);
    this.panel = child;
    createInterface({ input: child.stdout! }).on("line", (line) => {
      const at = line.indexOf(": ");
      if (at > 0) this.lines.set(line.slice(0, at), line.slice(at + 2));
    });
    await until("the panel's greeting", () => {
      if (child.exitCode !== null) throw new Error(`berthd ended: ${this.log.join("\n")}`);
      return this.lines.has("fingerprint") && existsSync(this.socket);
    }, 30);
    // The set-up code is in the same write as the fingerprint.
    await new Promise((next) => setImmediate(next));
  }

  // Ends the panel with a signal; its exit code, or null when the signal killed it.
  async stop_panel(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    return end(this.panel, signal);
  }
  async stop_engine(signal: NodeJS.Signals = "SIGTERM"): Promise<number | null> {
    return end(this.engine, signal);
  }

  // A member with a tenant of his own and the administrator's password; the panel starts anew for it.
  async add_stranger(name: string): Promise<void> {
    const [user, tenant] = [`usr_${"1".repeat(32)}`, `ten_${"1".repeat(32)}`];
    await this.stop_panel();
    this.sql(`INSERT INTO users (id, name, password_hash, role, created_ms) SELECT '${user}', '${name}', password_hash, 'member', 1 FROM users LIMIT 1;
      INSERT INTO tenants (id, name, created_ms) VALUES ('${tenant}', 'Elsewhere', 1);
      INSERT INTO members (tenant_id, user_id, role) VALUES ('${tenant}', '${user}', 'owner')`);
    await this.start_panel();
  }

  // SQL on the database of a panel that does not run (the store has one writer).
  sql(text: string): string {
    const run = spawnSync("sqlite3", ["-bail", `${this.folder}/state/berth.db`, `PRAGMA foreign_keys = ON; ${text}`],
      { encoding: "utf8", uid: berth_id, gid: berth_id });
    if (run.status !== 0) throw new Error(`${text}: ${run.stderr}`);
    return run.stdout.trim();
  }

  // What the engine in memory holds, as JSON.
  engine_state(): string {
    return readFileSync(`${this.folder}/engine.json`, "utf8");
  }

  // The command line, as this test's user (root).
  berth(words: string[], input = ""): { code: number | null; out: string; err: string } {
    const run = spawnSync(`${bin}/berth`, words, { encoding: "utf8", input, env: { ...process.env, BERTH_SOCKET: this.socket }, timeout: 60_000 });
    return { code: run.status, out: run.stdout, err: run.stderr };
  }

  async stop(): Promise<void> {
    await this.stop_panel();
    await this.stop_engine();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private run(program: string, words: string[]): ChildProcess {
    const child = spawn(`${bin}/${program}`, words, { uid: berth_id, gid: berth_id, cwd: this.folder, stdio: ["ignore", "pipe", "pipe"] });
    createInterface({ input: child.stderr! }).on("line", (line) => {
      this.log.push(`${program}: ${line}`);
      if (this.log.length > 2000) this.log.shift();
    });
    return child;
  }
}

async function end(child: ChildProcess | undefined, signal: NodeJS.Signals): Promise<number | null> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
  const ended = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
  child.kill(signal);
  const forced = setTimeout(() => child.kill("SIGKILL"), 20_000);
  const code = await ended;
  clearTimeout(forced);
  return code;
}
