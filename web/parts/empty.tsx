import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon";
import "./empty.css";

export function Empty({ icon, title, text, children }: { icon: IconName; title?: string; text?: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <span class="empty-icon">
        <Icon name={icon} size={22} />
      </span>
      {title && <p class="empty-title">{title}</p>}
      {text && <p class="muted">{text}</p>}
      {children}
    </div>
  );
}

// Grey bars where lines will be, for the moment before they are there.
export function Skeleton({ lines, label }: { lines: number; label: string }) {
  return (
    <div class="skeleton" role="status">
      <span class="visually-hidden">{label}</span>
      {Array.from({ length: lines }, (_, i) => (
        <i key={i} aria-hidden="true" />
      ))}
    </div>
  );
}
