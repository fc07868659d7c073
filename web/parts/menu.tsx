// A menu button after the ARIA pattern: arrows move, Escape and Tab close, letters jump, focus returns to the button.
import { useSignal } from "@preact/signals";
import { createContext, type ComponentChildren } from "preact";
import { useContext, useId, useLayoutEffect, useRef } from "preact/hooks";
import { Icon, type IconName } from "./icon";
import "./menu.css";

const Close = createContext<(refocus: boolean) => void>(() => undefined);

interface MenuProps {
  readonly label: string;
  readonly trigger: ComponentChildren;
  readonly children: ComponentChildren;
  readonly up?: boolean;
  readonly small?: boolean;
}

const items_of = (list: HTMLElement | null): HTMLElement[] => [...(list?.querySelectorAll<HTMLElement>("[role^=menuitem]:not([aria-disabled])") ?? [])];

function move(list: HTMLElement | null, key: string): boolean {
  const items = items_of(list);
  const at = items.indexOf(document.activeElement as HTMLElement);
  const target: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 };
  const wanted = target[key];
  if (wanted !== undefined) {
    items[(wanted + items.length) % items.length]?.focus();
    return true;
  }
  if (key.length !== 1 || key === " ") return false;
  const starts = (item: HTMLElement) => item.textContent?.trim().toLowerCase().startsWith(key.toLowerCase());
  const next = [...items.slice(at + 1), ...items.slice(0, at + 1)].find(starts);
  next?.focus();
  return next !== undefined;
}

// Where a list would leave the window below, it opens upwards (if there is more room).
function reaches_below(list: HTMLElement | null): boolean {
  if (!list) return false;
  const { top, bottom, height } = list.getBoundingClientRect();
  return bottom > innerHeight && top > height;
}

export function Menu({ label, trigger, children, up, small }: MenuProps) {
  const open = useSignal(false);
  const flipped = useSignal(false);
  const id = useId();
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const close = (refocus: boolean) => {
    open.value = false;
    flipped.value = false;
    if (refocus) button.current?.focus();
  };
  useLayoutEffect(() => {
    if (!open.value) return undefined;
    flipped.value = reaches_below(list.current);
    items_of(list.current)[0]?.focus({ preventScroll: true });
    const outside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) close(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [open.value]);
  const key = (event: KeyboardEvent) => {
    if (event.key === "Escape") close(true);
    else if (event.key === "Tab") close(false);
    else if (!move(list.current, event.key)) return;
    if (event.key !== "Tab") event.preventDefault();
  };
  return (
    <div class={`menu${up ? " menu-up" : ""}${flipped.value ? " menu-flipped" : ""}`} ref={box}>
      <button
        ref={button}
        type="button"
        class={`button button-quiet menu-trigger${small ? " button-small button-icon" : ""}`}
        aria-haspopup="menu"
        aria-expanded={open.value}
        aria-controls={open.value ? id : undefined}
        aria-label={label}
        title={small ? label : undefined}
        onClick={() => (open.value = !open.value)}
        onKeyDown={(event) => {
          if (!open.value && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
            event.preventDefault();
            open.value = true;
          }
        }}
      >
        {trigger}
      </button>
      {open.value && (
        <div class="menu-list" role="menu" id={id} aria-label={label} ref={list} onKeyDown={key}>
          <Close.Provider value={close}>{children}</Close.Provider>
        </div>
      )}
    </div>
  );
}

interface ItemProps {
  readonly children: ComponentChildren;
  readonly onSelect: () => void;
  readonly icon?: IconName;
  readonly danger?: boolean;
  readonly disabled?: boolean;
}

export function MenuItem({ children, onSelect, icon, danger, disabled }: ItemProps) {
  const close = useContext(Close);
  return (
    <button
      type="button"
      role="menuitem"
      tabIndex={-1}
      class={danger ? "menu-item menu-danger" : "menu-item"}
      aria-disabled={disabled || undefined}
      onClick={() => {
        if (disabled) return;
        close(true);
        onSelect();
      }}
    >
      {icon && <Icon name={icon} />}
      {children}
    </button>
  );
}

export function MenuGroup({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div role="group" aria-label={label} class="menu-group">
      <span class="menu-group-label" aria-hidden="true">{label}</span>
      <div class="menu-choices">{children}</div>
    </div>
  );
}

export function MenuChoice({ children, checked, onSelect, lang }: { children: ComponentChildren; checked: boolean; onSelect: () => void; lang?: string }) {
  return (
    <button type="button" role="menuitemradio" tabIndex={-1} class="menu-choice" aria-checked={checked} lang={lang} onClick={onSelect}>
      {children}
    </button>
  );
}
