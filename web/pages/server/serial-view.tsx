// The guest's serial line in xterm. Loaded when a console is opened.
import { FitAddon } from "@xterm/addon-fit";
import { Terminal, type ITheme } from "@xterm/xterm";
import "@xterm/xterm/css/xterm.css";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Server } from "../../api/types";
import { t } from "../../i18n";
import { Button, IconButton } from "../../parts/button";
import { copy } from "../../parts/copy-field";
import { toast } from "../../parts/toast";
import { ConsoleConnection } from "./console-connection";
import { ConsoleFrame, leaves_console } from "./console-frame";
import { with_sheets_for_styles } from "./style-bridge";

// One look in both themes: programs choose their colours for a dark terminal.
const colours: ITheme = {
  background: "#0b1513",
  foreground: "#dbe7e3",
  cursor: "#4fc7b0",
  cursorAccent: "#0b1513",
  selectionBackground: "#2f5f56",
  black: "#22302d", red: "#ff8a7d", green: "#5fcf8d", yellow: "#e9b54d", blue: "#7db4ff", magenta: "#d59bf0", cyan: "#4fc7b0", white: "#c8d5d1",
  brightBlack: "#7d908a", brightRed: "#ffada3", brightGreen: "#8be3ad", brightYellow: "#ffd27f", brightBlue: "#a9ceff", brightMagenta: "#e6bff8", brightCyan: "#86e0cf", brightWhite: "#f4faf8",
};
const font_min = 10;
const font_max = 24;
const keys_ahead_max = 256;

class SerialSession {
  readonly terminal: Terminal;
  readonly connection: ConsoleConnection;
  private readonly fit = new FitAddon();
  private readonly watch = new ResizeObserver(() => this.refit());
  private readonly encoder = new TextEncoder();
  private socket: WebSocket | undefined;
  // What was typed while the line was being opened; sent when it is.
  private ahead: (Uint8Array<ArrayBuffer>)[] = [];

  constructor(server: string) {
    this.terminal = new Terminal({
      theme: colours,
      fontFamily: getComputedStyle(document.documentElement).getPropertyValue("--mono"),
      fontSize: 14,
      scrollback: 5000,
      cursorBlink: !matchMedia("(prefers-reduced-motion: reduce)").matches,
      allowProposedApi: false,
      macOptionIsMeta: true,
    });
    this.terminal.loadAddon(this.fit);
    this.connection = new ConsoleConnection(server, "serial", (socket) => this.attach(socket));
    this.terminal.onData((text) => this.type(this.encoder.encode(text)));
    this.terminal.onBinary((text) => this.type(Uint8Array.from(text, (char) => char.charCodeAt(0))));
    this.terminal.onResize(({ cols, rows }) => this.send(JSON.stringify({ resize: { columns: cols, rows } })));
  }

  open(box: HTMLElement, label: string, leave: () => void): void {
    with_sheets_for_styles(() => this.terminal.open(box));
    this.terminal.textarea?.setAttribute("aria-label", label);
    this.terminal.attachCustomKeyEventHandler((event) => {
      if (leaves_console(event)) {
        if (event.type === "keydown") leave();
        return false;
      }
      return !this.copies(event);
    });
    this.watch.observe(box);
    this.refit();
    this.terminal.focus();
    void this.connection.open();
  }

  // Ctrl+Shift+C copies, as terminals do; Ctrl+C stays the guest's. Pasting is the browser's own Ctrl+V.
  private copies(event: KeyboardEvent): boolean {
    if (event.type !== "keydown" || !event.ctrlKey || !event.shiftKey || event.code !== "KeyC") return false;
    event.preventDefault();
    void this.copy_selection();
    return true;
  }

  private attach(socket: WebSocket): void {
    this.socket = socket;
    let first = true;
    socket.addEventListener("open", () => {
      this.announce_size();
      for (const keys of this.ahead.splice(0)) this.send(keys);
    });
    socket.addEventListener("close", () => (this.ahead = []));
    socket.addEventListener("message", ({ data }) => {
      // The guest's history comes again with every connection.
      if (first) this.terminal.reset();
      first = false;
      this.terminal.write(data instanceof ArrayBuffer ? new Uint8Array(data) : String(data));
    });
  }

  private announce_size(): void {
    this.send(JSON.stringify({ resize: { columns: this.terminal.cols, rows: this.terminal.rows } }));
  }

  private type(keys: Uint8Array<ArrayBuffer>): void {
    if (this.connection.state.peek().status !== "connecting") this.send(keys);
    else if (this.ahead.length < keys_ahead_max) this.ahead.push(keys);
  }

  private send(data: Uint8Array<ArrayBuffer> | string): void {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(data);
  }

  private refit(): void {
    this.fit.fit();
  }

  zoom(by: number): void {
    this.terminal.options.fontSize = Math.min(font_max, Math.max(font_min, (this.terminal.options.fontSize ?? 14) + by));
    this.refit();
    this.terminal.focus();
  }

  async copy_selection(): Promise<void> {
    const text = this.terminal.getSelection();
    if (text === "") toast("info", t("console.nothing_selected"));
    else if (await copy(text)) toast("good", t("action.copied"));
    this.terminal.focus();
  }

  async paste(): Promise<void> {
    try {
      this.terminal.paste(await navigator.clipboard.readText());
    } catch {
      toast("bad", t("error.clipboard"));
    }
    this.terminal.focus();
  }

  dispose(): void {
    this.watch.disconnect();
    this.connection.dispose();
    this.terminal.dispose();
  }
}

export default function SerialView({ server }: { server: Server }) {
  const box = useRef<HTMLDivElement>(null);
  const session = useMemo(() => new SerialSession(server.id), [server.id]);
  useEffect(() => {
    if (box.current) session.open(box.current, t("console.label.serial", { name: server.name }), () => document.querySelector<HTMLElement>(".console-bar button")?.focus());
    return () => session.dispose();
  }, [session]);
  return (
    <ConsoleFrame
      server={server}
      connection={session.connection}
      tools={
        <>
          <IconButton small icon="minus" label={t("console.font_smaller")} onClick={() => session.zoom(-1)} />
          <IconButton small icon="plus" label={t("console.font_larger")} onClick={() => session.zoom(1)} />
          <Button small tone="quiet" icon="copy" onClick={() => void session.copy_selection()}>{t("action.copy")}</Button>
          <Button small tone="quiet" icon="paste" onClick={() => void session.paste()}>{t("console.paste")}</Button>
        </>
      }
    >
      <div class="console-terminal" ref={box} />
    </ConsoleFrame>
  );
}
