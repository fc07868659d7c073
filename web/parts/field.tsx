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
      {error && (
        <p class="field-error" id={`${id}-error`}>
          <Icon name="warning" size={14} />
          <span>{error}</span>
        </p>
      )}
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
  readonly type?: "text" | "email" | "search";
  readonly autocomplete?: string;
  readonly autofocus?: boolean;
  readonly mono?: boolean;
  readonly placeholder?: string;
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
