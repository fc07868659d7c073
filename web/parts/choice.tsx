// Radio buttons as cards. Native inputs: arrow keys, forms and screen readers work by themselves.
import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon";
import "./choice.css";

interface GroupProps {
  readonly legend: string;
  readonly children: ComponentChildren;
  readonly error?: string | undefined;
  readonly id: string;
  readonly columns?: "wide" | "narrow" | "tight";
}

export function ChoiceGroup({ legend, children, error, id, columns = "narrow" }: GroupProps) {
  return (
    <fieldset class="choices" aria-describedby={error ? `${id}-error` : undefined} id={id} tabIndex={-1}>
      <legend>{legend}</legend>
      <div class={`choices-grid choices-${columns}`}>{children}</div>
      {error && (
        <p class="field-error" id={`${id}-error`}>
          <Icon name="warning" size={14} />
          <span>{error}</span>
        </p>
      )}
    </fieldset>
  );
}

interface ChoiceProps {
  readonly name: string;
  readonly value: string;
  readonly checked: boolean;
  readonly onChoose: () => void;
  readonly title: string;
  readonly icon?: IconName;
  readonly children?: ComponentChildren;
  // Why it cannot be chosen.
  readonly blocked?: string | undefined;
  readonly warning?: string | undefined;
}

export function Choice({ name, value, checked, onChoose, title, icon, children, blocked, warning }: ChoiceProps) {
  return (
    <label class={blocked ? "choice choice-blocked" : "choice"}>
      <input type="radio" name={name} value={value} checked={checked} disabled={blocked !== undefined} onChange={onChoose} />
      {icon && (
        <span class="choice-icon">
          <Icon name={icon} size={20} />
        </span>
      )}
      <span class="choice-text">
        <span class="choice-title">{title}</span>
        {children && <span class="choice-more">{children}</span>}
        {(blocked ?? warning) && (
          <span class="choice-why">
            <Icon name="info" size={13} />
            {blocked ?? warning}
          </span>
        )}
      </span>
    </label>
  );
}
