import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { useSignal } from "@preact/signals";
import { t } from "../i18n";
import { Button, IconButton } from "./button";
import "./dialog.css";

interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  readonly onClose: () => void;
}

// The browser's own modal dialog: it keeps the focus inside, Escape closes it, and what was focused before gets it back.
export function Dialog({ title, children, onClose }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const heading = useId();
  useEffect(() => {
    const before = document.activeElement;
    dialog.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog.current) onClose();
      }}
    >
      <div class="dialog-body">
        <div class="dialog-head">
          <h2 id={heading}>{title}</h2>
          <IconButton small icon="cross" label={t("action.close")} onClick={onClose} />
        </div>
        {children}
      </div>
    </dialog>
  );
}

interface ConfirmProps {
  readonly title: string;
  readonly text: string;
  // What else there is to know before.
  readonly children?: ComponentChildren;
  readonly confirm: string;
  readonly keep?: string;
  readonly danger?: boolean;
  // The user types this to show that they mean it.
  readonly typed?: string;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}

export function ConfirmDialog({ title, text, children, confirm, keep, danger, typed, onConfirm, onClose }: ConfirmProps) {
  const entered = useSignal("");
  const busy = useSignal(false);
  const id = useId();
  const ready = typed === undefined || entered.value.trim() === typed;
  const run = async () => {
    if (!ready || busy.value) return;
    busy.value = true;
    try {
      await onConfirm();
      onClose();
    } finally {
      busy.value = false;
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        class="stack"
        onSubmit={(event) => {
          event.preventDefault();
          void run();
        }}
      >
        <p>{text}</p>
        {children}
        {typed !== undefined && (
          <div class="field">
            <label for={id}>{t("server.delete.type", { name: typed })}</label>
            <input id={id} class="input" autocomplete="off" spellcheck={false} autofocus value={entered.value} onInput={(event) => (entered.value = event.currentTarget.value)} />
          </div>
        )}
        <div class="dialog-actions">
          <Button tone="quiet" onClick={onClose} autofocus={typed === undefined && danger === true}>{keep ?? t("action.cancel")}</Button>
          <Button tone={danger ? "danger" : "primary"} type="submit" busy={busy.value} disabled={!ready} autofocus={typed === undefined && !danger}>
            {confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
