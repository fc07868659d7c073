// The other end of the consoles: a line-editing shell that echoes, and an RFB 3.8 screen (RFC 6143) that paints what is typed.
import type { RawData, WebSocket } from "ws";
import type { World } from "./mock-state";

export interface ConsoleLog {
  readonly serial: string[]; // what arrived at the terminal
  readonly keys: number[]; // keysyms that were pressed at the screen
  readonly resizes: { columns: number; rows: number }[];
  clipboard?: string;
}

const as_buffer = (data: RawData): Buffer => (Buffer.isBuffer(data) ? data : Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data));

// Every way a program may colour a cell.
const colours = "\u001b[38;2;255;120;0mtrue\u001b[48;2;0;40;90mground\u001b[0m \u001b[38;5;208mindexed\u001b[0m \u001b[4:3;58;2;200;0;0mwavy\u001b[0m \u001b[7minverse\u001b[0m\r\n";

function answer_to(line: string): string {
  if (line === "colours") return colours;
  return line.startsWith("echo ") ? `${line.slice(5)}\r\n` : "";
}

export function serial_console(ws: WebSocket, world: World, server_id: string, log: ConsoleLog): void {
  const name = world.servers.get(server_id)?.hostname ?? "guest";
  const prompt = `\u001b[32mroot@${name}\u001b[0m:~# `;
  const say = (text: string) => ws.send(Buffer.from(text));
  say(`\r\nDebian GNU/Linux 13 ${name} ttyS0\r\n\r\n${prompt}`);
  let line = "";
  ws.on("message", (data, binary) => {
    if (!binary) {
      log.resizes.push((JSON.parse(as_buffer(data).toString()) as { resize: { columns: number; rows: number } }).resize);
      return;
    }
    const text = as_buffer(data).toString();
    log.serial.push(text);
    for (const char of text) {
      if (char !== "\r") {
        line += char;
        say(char);
        continue;
      }
      say(`\r\n${answer_to(line)}${prompt}`);
      line = "";
    }
  });
}

const width = 640;
const height = 400;

class Screen {
  private pending = Buffer.alloc(0);
  private stage: "version" | "security" | "init" | "ready" = "version";
  private dirty = true;
  private asked = false;

  constructor(
    private readonly ws: WebSocket,
    private readonly log: ConsoleLog,
  ) {
    ws.send(Buffer.from("RFB 003.008\n"));
    ws.on("message", (data) => {
      this.pending = Buffer.concat([this.pending, as_buffer(data)]);
      while (this.pending.length > 0 && this.step());
    });
  }

  private take(length: number): Buffer | undefined {
    if (this.pending.length < length) return undefined;
    const taken = this.pending.subarray(0, length);
    this.pending = this.pending.subarray(length);
    return taken;
  }

  // Handles one message if it is there in full.
  private step(): boolean {
    if (this.stage === "version") {
      if (!this.take(12)) return false;
      this.ws.send(Buffer.from([1, 1])); // one security type: none
      this.stage = "security";
    } else if (this.stage === "security") {
      if (!this.take(1)) return false;
      this.ws.send(Buffer.alloc(4)); // accepted
      this.stage = "init";
    } else if (this.stage === "init") {
      if (!this.take(1)) return false;
      this.ws.send(this.server_init());
      this.stage = "ready";
    } else return this.message();
    return true;
  }

  private server_init(): Buffer {
    const name = Buffer.from("mock screen");
    const head = Buffer.alloc(24);
    head.writeUInt16BE(width, 0);
    head.writeUInt16BE(height, 2);
    head.set([32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0], 4); // 32 bits, little endian, true colour
    head.writeUInt32BE(name.length, 20);
    return Buffer.concat([head, name]);
  }

  private message(): boolean {
    const type = this.pending[0];
    const fixed: Record<number, number> = { 0: 20, 3: 10, 4: 8, 5: 6 };
    if (type === 2) return this.pending.length >= 4 && this.take(4 + 4 * this.pending.readUInt16BE(2)) !== undefined;
    if (type === 6) return this.clipboard();
    const length = fixed[type ?? -1];
    if (length === undefined) {
      this.ws.close(1002, `unknown message ${type}`);
      return false;
    }
    const message = this.take(length);
    if (!message) return false;
    if (type === 3) this.asked = true;
    if (type === 4 && message[1] === 1) {
      this.log.keys.push(message.readUInt32BE(4));
      this.dirty = true;
    }
    this.paint();
    return true;
  }

  private clipboard(): boolean {
    if (this.pending.length < 8) return false;
    const length = Math.abs(this.pending.readInt32BE(4));
    const message = this.take(8 + length);
    if (!message) return false;
    this.log.clipboard = message.subarray(8).toString("latin1");
    return true;
  }

  private paint(): void {
    if (!this.asked || !this.dirty) return;
    this.asked = this.dirty = false;
    const head = Buffer.alloc(16);
    head.writeUInt16BE(1, 2);
    head.writeUInt16BE(width, 8);
    head.writeUInt16BE(height, 10);
    const pixels = Buffer.alloc(width * height * 4);
    const shade = (this.log.keys.length * 40) % 256;
    for (let y = 0; y < height; ++y)
      for (let x = 0; x < width; ++x) pixels.writeUInt32LE((0x20 + (y >> 2)) | (((x >> 2) & 255) << 8) | (shade << 16), (y * width + x) * 4);
    this.ws.send(Buffer.concat([head, pixels]));
  }
}

export function vnc_console(ws: WebSocket, log: ConsoleLog): void {
  new Screen(ws, log);
}
