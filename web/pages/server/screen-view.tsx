// The guest's screen in noVNC. Loaded when it is opened.
import RFB from "@novnc/novnc";
import { useSignal } from "@preact/signals";
import { useEffect, useMemo, useRef } from "preact/hooks";
import type { Server } from "../../api/types";
import { t } from "../../i18n";
import { Button, IconButton } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { toast } from "../../parts/toast";
import { ConsoleConnection } from "./console-connection";
import { ConsoleFrame, leaves_console } from "./console-frame";
import { type_text } from "./keysyms";

class ScreenSession {
  readonly connection: ConsoleConnection;
  // The last text that the guest put on its clipboard.
  from_guest = "";
  private rfb: RFB | undefined;
  private box: HTMLElement | undefined;
  private label = "";

  constructor(server: string) {
    this.connection = new ConsoleConnection(server, "vnc", (socket) => this.attach(socket));
  }

  open(box: HTMLElement, label: string): void {
    this.box = box;
    this.label = label;
    void this.connection.open();
  }

  private attach(socket: WebSocket): void {
    if (!this.box) return;
    this.box.replaceChildren();
    const rfb = new RFB(this.box, socket, { shared: true });
    rfb.scaleViewport = true;
    rfb.background = "#0b1513";
    rfb.addEventListener("connect", () => this.ready(rfb));
    rfb.addEventListener("clipboard", (event) => (this.from_guest = event.detail.text));
    this.rfb = rfb;
  }

  private ready(rfb: RFB): void {
    const canvas = this.box?.querySelector("canvas");
    canvas?.setAttribute("role", "application");
    canvas?.setAttribute("aria-label", this.label);
    rfb.focus();
  }

  ctrl_alt_del(): void {
    this.rfb?.sendCtrlAltDel();
    this.rfb?.focus();
  }

  give(text: string): void {
    this.rfb?.clipboardPasteFrom(text);
  }

  type(text: string): void {
    const { rfb } = this;
    if (rfb) type_text(text, (keysym, down) => rfb.sendKey(keysym, "", down));
    rfb?.focus();
  }

  save_screenshot(name: string): void {
    this.rfb?.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `${name}-${new Date().toISOString().replace(/[:.]/g, "-")}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
    }, "image/png");
  }

  dispose(): void {
    this.connection.dispose();
  }
}

function ClipboardDialog({ session, onClose }: { session: ScreenSession; onClose: () => void }) {
  const text = useSignal("");
  const send = (how: "give" | "type") => {
    onClose();
    session[how](text.value);
  };
  return (
    <Dialog title={t("console.clipboard")} onClose={onClose}>
      <p class="muted small">{t("console.clipboard.text")}</p>
      <textarea class="input mono" rows={5} autofocus spellcheck={false} aria-label={t("console.clipboard")} value={text.value} onInput={(event) => (text.value = event.currentTarget.value)} />
      {session.from_guest && (
        <label class="field">
          <span>{t("console.clipboard.from")}</span>
          <textarea class="input mono" rows={3} readOnly value={session.from_guest} />
        </label>
      )}
      <div class="dialog-actions">
        <Button icon="keyboard" onClick={() => send("type")}>{t("console.clipboard.type")}</Button>
        <Button tone="primary" icon="paste" onClick={() => send("give")}>{t("console.clipboard.give")}</Button>
      </div>
    </Dialog>
  );
}

export default function ScreenView({ server }: { server: Server }) {
  const box = useRef<HTMLDivElement>(null);
  const clipboard = useSignal(false);
  const session = useMemo(() => new ScreenSession(server.id), [server.id]);
  useEffect(() => {
    const screen = box.current;
    if (!screen) return undefined;
    const leave = (event: KeyboardEvent) => {
      if (!leaves_console(event)) return;
      event.stopPropagation();
      event.preventDefault();
      document.querySelector<HTMLElement>(".console-bar button")?.focus();
    };
    screen.addEventListener("keydown", leave, true);
    session.open(screen, t("console.label.vnc", { name: server.name }));
    return () => {
      screen.removeEventListener("keydown", leave, true);
      session.dispose();
    };
  }, [session]);
  const shoot = () => {
    try {
      session.save_screenshot(server.name);
    } catch {
      toast("bad", t("console.load_failed"));
    }
  };
  return (
    <ConsoleFrame
      server={server}
      connection={session.connection}
      tools={
        <>
          <Button small tone="quiet" icon="keyboard" onClick={() => session.ctrl_alt_del()}>{t("console.ctrl_alt_del")}</Button>
          <Button small tone="quiet" icon="paste" onClick={() => (clipboard.value = true)}>{t("console.clipboard")}</Button>
          <IconButton small icon="camera" label={t("console.screenshot")} onClick={shoot} />
        </>
      }
    >
      <div class="console-screen" ref={box} />
      {clipboard.value && <ClipboardDialog session={session} onClose={() => (clipboard.value = false)} />}
    </ConsoleFrame>
  );
}
