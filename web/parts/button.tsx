import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon";
import "./button.css";

export type Tone = "primary" | "plain" | "quiet" | "danger";

interface Look {
  readonly tone?: Tone;
  readonly icon?: IconName;
  readonly small?: boolean;
}

interface ButtonProps extends Look {
  readonly children: ComponentChildren;
  readonly onClick?: () => void;
  readonly type?: "button" | "submit";
  // Under way: stays focusable and says so, but does nothing.
  readonly busy?: boolean;
  readonly disabled?: boolean;
  readonly describedBy?: string | undefined;
  readonly autofocus?: boolean;
}

const classes = ({ tone = "plain", small }: Look) => `button button-${tone}${small ? " button-small" : ""}`;

export function Button(props: ButtonProps) {
  const { children, onClick, type = "button", busy = false, disabled = false, icon } = props;
  return (
    <button
      type={type}
      class={classes(props)}
      disabled={disabled}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      aria-describedby={props.describedBy}
      autofocus={props.autofocus}
      onClick={(event) => {
        if (busy) event.preventDefault();
        else onClick?.();
      }}
    >
      {busy ? <Spinner /> : icon && <Icon name={icon} />}
      <span>{children}</span>
    </button>
  );
}

export function LinkButton({ href, children, ...look }: Look & { href: string; children: ComponentChildren }) {
  return (
    <a class={classes(look)} href={href}>
      {look.icon && <Icon name={look.icon} />}
      <span>{children}</span>
    </a>
  );
}

interface IconButtonProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick?: () => void;
  readonly tone?: Tone;
  readonly small?: boolean;
  readonly disabled?: boolean;
  readonly pressed?: boolean;
}

export function IconButton({ icon, label, onClick, tone = "quiet", small, disabled, pressed }: IconButtonProps) {
  return (
    <button
      type="button"
      class={`${classes({ tone, ...(small ? { small } : {}) })} button-icon`}
      aria-label={label}
      title={label}
      disabled={disabled}
      aria-pressed={pressed}
      onClick={() => onClick?.()}
    >
      <Icon name={icon} />
    </button>
  );
}

export function Spinner({ size = 16 }: { size?: number }) {
  return (
    <svg class="spinner" width={size} height={size} viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="2" opacity="0.25" />
      <path d="M8 2a6 6 0 0 1 6 6" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" />
    </svg>
  );
}
