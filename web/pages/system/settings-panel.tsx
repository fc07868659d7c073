// A panel with settings of the machine: edited, saved by a job, and followed when they change elsewhere.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import type { Job } from "../../api/types";
import { t } from "../../i18n";
import { Button } from "../../parts/button";
import type { Form } from "../../parts/form";
import { ProblemNotice } from "../../parts/notice";
import { job_ended, jobs } from "../../shell/live";
import { follow, locked, locked_note, telling_job } from "./machine";

type Values<F extends string> = Readonly<Record<F, string>>;

export function same_values<F extends string>(one: Values<F>, other: Values<F>): boolean {
  const names = new Set([...Object.keys(one), ...Object.keys(other)]) as Set<F>;
  return [...names].every((name) => one[name] === other[name]);
}

interface Sent<F extends string> {
  readonly values: Values<F>;
  readonly kept: Values<F>; // what the machine said then
  readonly job: string | undefined;
}

interface Following {
  readonly changed: boolean;
  readonly sent: (job: string | undefined) => void;
  readonly discard: () => void;
}

// What the machine says comes into the form as long as nobody has begun to edit it. What was sent counts as said until the
// machine says something else or the job fails.
function useFollowing<F extends string>(form: Form<F>, kept: Values<F>): Following {
  const sent = useSignal<Sent<F> | undefined>(undefined);
  const before = useRef(kept);
  useEffect(() => {
    if (same_values(before.current, kept)) return;
    if (same_values(form.values.peek(), sent.peek()?.values ?? before.current)) form.reset(kept);
    before.current = kept;
    sent.value = undefined;
  });
  const waiting = sent.value;
  const failed = waiting?.job !== undefined && jobs.value.get(waiting.job)?.error !== undefined;
  const base = waiting && !failed && same_values(waiting.kept, kept) ? waiting.values : kept;
  return {
    changed: !same_values(form.values.value, base),
    sent: (job) => (sent.value = { values: form.values.peek(), kept, job }),
    discard: () => {
      sent.value = undefined;
      form.reset(kept);
    },
  };
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
  const { changed, sent, discard } = useFollowing(form, kept);
  const saving = telling_job([job]);
  const submit = () =>
    form.submit(async (values) => {
      const answer = await save(values);
      sent(answer?.job.id);
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
            {changed && <Button tone="quiet" icon="undo" onClick={discard}>{t("system.discard")}</Button>}
            {actions}
          </div>
        </Locked>
      </form>
    </section>
  );
}
