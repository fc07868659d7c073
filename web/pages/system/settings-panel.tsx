// A panel with settings of the machine: edited, saved by a job, and followed when they change elsewhere.
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Job } from "../../api/types";
import { t } from "../../i18n";
import { Button } from "../../parts/button";
import type { Form } from "../../parts/form";
import { ProblemNotice } from "../../parts/notice";
import { job_ended } from "../../shell/live";
import { follow, locked, locked_note, telling_job } from "./machine";

type Values<F extends string> = Readonly<Record<F, string>>;

export function same_values<F extends string>(one: Values<F>, other: Values<F>): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<F>;
  return [...names].every((name) => one[name] === other[name]);
}

// What the machine says comes into the form as long as nobody has begun to edit it.
export function useKept<F extends string>(form: Form<F>, kept: Values<F>): boolean {
  const before = useRef(kept);
  useEffect(() => {
    if (same_values(before.current, kept)) return;
    if (same_values(form.values.peek(), before.current)) form.reset(kept);
    before.current = kept;
  });
  return !same_values(form.values.value, kept);
}

export function Locked({ children }: { children: ComponentChildren }) {
  return (
    <fieldset class="stack" disabled={locked()} aria-describedby={locked() ? locked_note : undefined}>
      {children}
    </fieldset>
  );
}

interface Props<F extends string> {
  readonly title: string;
  readonly lead?: string;
  readonly form: Form<F>;
  readonly kept: Values<F>;
  // The job of its saving, by its type.
  readonly job: string;
  readonly save: (values: Values<F>) => Promise<{ job: Job } | undefined>;
  readonly label?: string;
  readonly children: ComponentChildren;
  readonly actions?: ComponentChildren;
}

export function SettingsPanel<F extends string>({ title, lead, form, kept, job, save, label, children, actions }: Props<F>) {
  const changed = useKept(form, kept);
  const saving = telling_job([job]);
  const submit = () =>
    form.submit(async (values) => {
      const answer = await save(values);
      if (answer) follow(answer.job);
    });
  return (
    <section class="panel">
      <header>
        <h2>{title}</h2>
        {lead && <p class="muted small">{lead}</p>}
      </header>
      <form
        class="panel-body"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <Locked>
          {form.problem.value && <ProblemNotice problem={form.problem.value} />}
          {children}
          <div class="row">
            <Button tone="primary" type="submit" busy={form.busy.value || (saving !== undefined && !job_ended(saving))} disabled={!changed}>
              {label ?? t("action.save")}
            </Button>
            {changed && <Button tone="quiet" icon="undo" onClick={() => form.reset(kept)}>{t("system.discard")}</Button>}
            {actions}
          </div>
        </Locked>
      </form>
    </section>
  );
}
