// The whole product, real parts, in mount and PID namespaces of its own: rootfs/dev/stack.sh with a fresh state folder.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createInterface } from "node:readline";

export interface StackOptions {
  engine?: "real" | "fake";
  port?: number;
  preset?: string;
  state?: string; // an earlier stack's state folder: the same servers again
}

const enterStack =
  'mkdir -p /state && mount --bind "$1" /state && mount -t tmpfs -o mode=755 run /run && mkdir /run/lock && ' +
  'exec bash /src/rootfs/dev/stack.sh --preset "$2" --port "$3" --engine "$4"';

export class Stack {
  readonly lines = new Map<string, string>();
  private constructor(
    readonly process: ChildProcess,
    readonly state: string,
    readonly port: number,
  ) {}

  static async start(options: StackOptions = {}): Promise<Stack> {
    const base = "/src/build/test-state";
    mkdirSync(base, { recursive: true });
    const state = options.state ?? mkdtempSync(`${base}/stack.`);
    chmodSync(state, 0o711);
    const port = options.port ?? 19443;
    const child = spawn(
      "unshare",
      ["--mount", "--propagation", "private", "--pid", "--fork", "--kill-child", "--mount-proc",
        "bash", "-c", enterStack, "stack", state, options.preset ?? process.env.BERTH_PRESET ?? "dev", String(port), options.engine ?? "real"],
      { stdio: ["ignore", "pipe", "inherit"] },
    );
    const stack = new Stack(child, state, port);
    const wanted = ["url", "fingerprint"];
    for await (const line of createInterface({ input: child.stdout! })) {
      const at = line.indexOf(": ");
      if (at > 0) stack.lines.set(line.slice(0, at), line.slice(at + 2));
      // The set-up code is the last line, and only while it is needed.
      if (wanted.every((name) => stack.lines.has(name)) && (options.state || stack.lines.has("setup-code"))) return stack;
    }
    throw new Error(`the stack ended before it was up: ${[...stack.lines.keys()].join(", ")}; see ${state}/log`);
  }

  get url(): string {
    return `https://127.0.0.1:${this.port}`;
  }

  // The first process of the stack's PID namespace, by its number here.
  get init(): string {
    return readFileSync(`/proc/${this.process.pid}/task/${this.process.pid}/children`, "utf8").trim().split(" ")[0]!;
  }

  // Runs a program among the stack's processes and mounts; its standard output. Throws when it fails.
  inside(...argv: string[]): string {
    const run = spawnSync("nsenter", ["--target", this.init, "--mount", "--pid", "--root", "--wd=/", ...argv], { encoding: "utf8" });
    if (run.status !== 0) throw new Error(`${argv.join(" ")}: ${run.stderr || run.stdout}`);
    return run.stdout;
  }

  // Sends a signal to the process of the stack whose executable has this name.
  signal(program: string, signal: string): void {
    this.inside("pkill", `-${signal}`, "-x", program.slice(0, 15));
  }

  // Orderly, as by Ctrl-C. keepState: for a second start.
  async stop(keepState = false): Promise<void> {
    const ended = new Promise((done) => this.process.once("exit", done));
    if (this.process.exitCode === null) {
      process.kill(Number(this.init), "SIGTERM");
      const forced = setTimeout(() => this.process.kill("SIGKILL"), 60_000);
      await ended;
      clearTimeout(forced);
    }
    if (!keepState) rmSync(this.state, { recursive: true, force: true });
  }
}

// The first true answer of `look`, asked every 50 ms; throws with `what` after `seconds`.
export async function until<T>(what: string, look: () => Promise<T | false | undefined | null> | T | false | undefined | null, seconds = 60): Promise<T> {
  const deadline = Date.now() + seconds * 1000;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const value = await look();
      if (value) return value;
    } catch (error) {
      last = error;
    }
    await new Promise((again) => setTimeout(again, 50));
  }
  throw new Error(`${what}: not within ${seconds} s${last ? ` (${String(last)})` : ""}`);
}
