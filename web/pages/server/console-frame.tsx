// What both consoles share: state, reconnect, full screen, and the way out with the keyboard.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Server } from "../../api/types";
import { t } from "../../i18n";
import { Button, IconButton, Spinner } from "../../parts/button";
import { Icon } from "../../parts/icon";
import { refresh_server } from "../../shell/live";
import type { ConsoleConnection, ConsoleState } from "./console-connection";
import "./console.css";

// A console takes every key, Tab too; this one gives the focus back to the page.
export function leaves_console(event: KeyboardEvent): boolean {
  return event.ctrlKey && event.shiftKey && event.key === "F6";
}

interface FrameProps {
  readonly server: Server;
  readonly connection: ConsoleConnection;
  readonly tools: ComponentChildren;
  readonly children: ComponentChildren;
}

const words = { connecting: "console.connecting", open: "console.connected", closed: "console.closed" } as const;

function Status({ state }: { state: ConsoleState }) {
  return (
    <p class={`console-status console-${state.status}`} role="status">
      {state.status === "connecting" ? <Spinner size={12} /> : <i aria-hidden="true" />}
      {t(words[state.status])}
    </p>
  );
}

const look_ms = 3000;

// A console that ended because the guest stopped comes back when the guest runs. A restart may be over before the list has
// noticed it: the server is looked at again after the end, and only what was seen since then counts.
function useComeback(server: Server, connection: ConsoleConnection): void {
  const seen = useRef(server);
  const waits = connection.waits_for_guest;
  useEffect(() => {
    if (!waits) return undefined;
    seen.current = server;
    const timer = setInterval(() => refresh_server(server.id), look_ms);
    return () => clearInterval(timer);
  }, [waits]);
  useEffect(() => {
    if (waits && server !== seen.current && server.state === "running") connection.reconnect();
  }, [waits, server]);
}

export function ConsoleFrame({ server, connection, tools, children }: FrameProps) {
  const box = useRef<HTMLDivElement>(null);
  const full = useSignal(false);
  const state = connection.state.value;
  useComeback(server, connection);
  useEffect(() => {
    const changed = () => (full.value = document.fullscreenElement === box.current && box.current !== null);
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, []);
  const toggle = () => void (full.value ? document.exitFullscreen() : box.current?.requestFullscreen());
  return (
    <div class="console" ref={box}>
      <div class="console-bar">
        <Status state={state} />
        {server.state === "paused" && <span class="console-note">{t("console.paused")}</span>}
        <span class="grow" />
        {state.status === "open" && tools}
        <IconButton small icon={full.value ? "shrink" : "expand"} label={t(full.value ? "console.leave_full_screen" : "console.full_screen")} onClick={toggle} />
        {state.status === "open" && <IconButton small icon="plug" label={t("console.disconnect")} onClick={() => connection.disconnect()} />}
      </div>
      <div class="console-body">
        {children}
        {state.status === "closed" && (
          <div class="console-over">
            <Icon name="plug" size={22} />
            {state.why && <p>{state.why}</p>}
            <Button tone="primary" icon="restart" onClick={() => connection.reconnect()}>{t("console.reconnect")}</Button>
          </div>
        )}
      </div>
      <p class="console-hint">{t("console.leave_hint")}</p>
    </div>
  );
}
