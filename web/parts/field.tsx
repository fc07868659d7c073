import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { t } from "../i18n";
import { IconButton } from "./button";
import type { Form } from "./form";
import { Icon } from "./icon";
import "./field.css";

// Preact types every input type on its own; these all take text.
const as_text = (type: string) => type as "text";

interface FieldProps<F extends string> {
  readonly form: Form<F>;
  readonly name: F;
  readonly label: string;
  readonly hint?: ComponentChildren;
  readonly optional?: boolean;
  readonly after?: ComponentChildren;
}

interface Described {
  readonly id: string;
  readonly "aria-describedby": string | undefined;
  readonly "aria-invalid": boolean | undefined;
}

export function FieldError({ id, children }: { id?: string; children: ComponentChildren }) {
  return (
    <p class="field-error" id={id}>
      <Icon name="warning" size={14} />
      <span>{children}</span>
    </p>
  );
}

function Frame<F extends string>({ form, name, label, hint, optional, after, children }: FieldProps<F> & { children: (ids: Described) => ComponentChildren }) {
  const id = form.id(name);
  const error = form.errors.value[name];
  const described = [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={id}>
        {label}
        {optional && <span class="field-optional"> {t("field.optional")}</span>}
      </label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": error ? true : undefined })}
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {after}
    </div>
  );
}

interface TextProps<F extends string> extends FieldProps<F> {
  readonly type?: "text" | "email" | "search" | "url" | "time" | "datetime-local";
  readonly autocomplete?: string;
  readonly autofocus?: boolean;
  readonly mono?: boolean;
  readonly placeholder?: string;
  // A number is expected: a telephone shows its digits.
  readonly digits?: boolean;
  // What has been used before; anything else may be written too.
  readonly suggestions?: readonly string[];
  // Instead of only keeping the value: where one field leads another.
  readonly onValue?: (value: string) => void;
}

export function TextField<F extends string>(props: TextProps<F>) {
  const { form, name } = props;
  return (
    <Frame {...props}>
      {(ids) => (
        <>
          <input
            {...ids}
            class={props.mono ? "input mono" : "input"}
            name={name}
            type={as_text(props.type ?? "text")}
            value={form.value(name)}
            autocomplete={props.autocomplete ?? "off"}
            autofocus={props.autofocus}
            placeholder={props.placeholder}
            list={props.suggestions?.length ? `${ids.id}-list` : undefined}
            spellcheck={false}
            autocapitalize="none"
            inputMode={props.digits ? "numeric" : undefined}
            onInput={(event) => (props.onValue ?? ((value) => form.set(name, value)))(event.currentTarget.value)}
            onBlur={() => form.leave(name)}
          />
          {props.suggestions && props.suggestions.length > 0 && (
            <datalist id={`${ids.id}-list`}>
              {props.suggestions.map((one) => (
                <option key={one} value={one} />
              ))}
            </datalist>
          )}
        </>
      )}
    </Frame>
  );
}

export function PasswordField<F extends string>(props: TextProps<F> & { beside?: ComponentChildren }) {
  const { form, name } = props;
  const shown = useSignal(false);
  return (
    <Frame {...props}>
      {(ids) => (
        <div class="input-group">
          <div class="input-wrap">
            <input
              {...ids}
              class={shown.value ? "input mono" : "input"}
              name={name}
              type={as_text(shown.value ? "text" : "password")}
              value={form.value(name)}
              autocomplete={props.autocomplete ?? "current-password"}
              autofocus={props.autofocus}
              spellcheck={false}
              autocapitalize="none"
              onInput={(event) => form.set(name, event.currentTarget.value)}
              onBlur={() => form.leave(name)}
            />
            <IconButton
              small
              icon={shown.value ? "eye_off" : "eye"}
              label={t(shown.value ? "action.hide_password" : "action.show_password")}
              onClick={() => (shown.value = !shown.value)}
            />
          </div>
          {props.beside}
        </div>
      )}
    </Frame>
  );
}

export function TextArea<F extends string>(props: FieldProps<F> & { rows?: number; placeholder?: string }) {
  const { form, name } = props;
  return (
    <Frame {...props}>
      {(ids) => (
        <textarea
          {...ids}
          class="input mono"
          name={name}
          rows={props.rows ?? 3}
          placeholder={props.placeholder}
          spellcheck={false}
          autocomplete="off"
          value={form.value(name)}
          onInput={(event) => form.set(name, event.currentTarget.value)}
          onBlur={() => form.leave(name)}
        />
      )}
    </Frame>
  );
}

interface SelectProps<F extends string> extends FieldProps<F> {
  readonly options: readonly (readonly [value: string, text: string])[];
  readonly onValue?: (value: string) => void;
}

export function SelectField<F extends string>(props: SelectProps<F>) {
  const { form, name, options } = props;
  return (
    <Frame {...props}>
      {(ids) => (
        <select {...ids} class="input" name={name} value={form.value(name)} onChange={(event) => (props.onValue ?? ((value) => form.set(name, value)))(event.currentTarget.value)}>
          {options.map(([value, text]) => (
            <option key={value} value={value} selected={value === form.value(name)}>
              {text}
            </option>
          ))}
        </select>
      )}
    </Frame>
  );
}

// Its value is "yes" or "".
export function CheckField<F extends string>({ form, name, label, hint }: FieldProps<F>) {
  const id = form.id(name);
  const error = form.errors.value[name];
  return (
    <div class="field">
      <label class="check" for={id}>
        <input id={id} type="checkbox" name={name} aria-describedby={[error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ") || undefined} checked={form.value(name) === "yes"} onChange={(event) => form.set(name, event.currentTarget.checked ? "yes" : "")} />
        <span>{label}</span>
      </label>
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

interface ChecksProps<F extends string> extends FieldProps<F> {
  readonly options: readonly (readonly [value: string, text: ComponentChildren])[];
  readonly onValue?: (value: string) => void;
}

// Several of a few: its value is theirs, with blanks between.
export function ChecksField<F extends string>({ form, name, label, hint, options, onValue }: ChecksProps<F>) {
  const id = form.id(name);
  const error = form.errors.value[name];
  const chosen = form.value(name).split(" ").filter(Boolean);
  const flip = (value: string, on: boolean) => {
    const next = options.map(([one]) => one).filter((one) => (one === value ? on : chosen.includes(one)));
    (onValue ?? ((text) => form.set(name, text)))(next.join(" "));
  };
  return (
    <fieldset class="field" id={id} tabIndex={-1} aria-describedby={[error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(" ") || undefined}>
      <legend class="field-legend">{label}</legend>
      <div class="checks">
        {options.map(([value, text]) => (
          <label key={value} class="check">
            <input type="checkbox" value={value} checked={chosen.includes(value)} onChange={(event) => flip(value, event.currentTarget.checked)} />
            <span>{text}</span>
          </label>
        ))}
      </div>
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
      {hint && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </fieldset>
  );
}
