import type { Host, Image, Plan, ServerKind } from "../../api/types";
import { t } from "../../i18n";
import { bytes } from "../../i18n/format";
import { Button } from "../../parts/button";
import type { Form } from "../../parts/form";
import { Notice, ProblemNotice } from "../../parts/notice";
import { host, machine } from "../../shell/live";
import type { WishField } from "./wish";

interface SummaryProps {
  readonly form: Form<WishField>;
  readonly kind: ServerKind;
  readonly image: Image | undefined;
  readonly plan: Plan | undefined;
  readonly checking: boolean;
}

// What makes any server impossible right now.
function hindrance(now: Host | undefined): string | undefined {
  if (now && !now.engine_ok) return t("new.summary.engine");
  if (now && now.pool.addresses_free === 0) return t("new.summary.no_addresses");
  return undefined;
}

function Free({ host: now }: { host: Host }) {
  return (
    <p class="small muted">
      {t("new.summary.free")}: {t("new.plan.memory", { size: bytes(now.memory_to_sell_bytes) })}, {t("new.plan.disk", { size: bytes(now.storage_free_bytes) })},{" "}
      {t("new.summary.free_addresses", { n: now.pool.addresses_free })}
    </p>
  );
}

export function Summary({ form, kind, image, plan, checking }: SummaryProps) {
  const known = machine.value;
  const stop = hindrance(host.value);
  const nothing = <span class="muted">{t("new.summary.nothing")}</span>;
  return (
    <aside class="panel summary" aria-label={t("new.summary")}>
      <header>
        <h2>{t("new.summary")}</h2>
      </header>
      <div class="panel-body stack">
        <dl class="facts">
          <dt>{t("new.name")}</dt>
          <dd>{form.value("name").trim() || nothing}</dd>
          <dt>{t("new.kind")}</dt>
          <dd>{t(`kind.${kind}`)}</dd>
          <dt>{t("new.image")}</dt>
          <dd>{image?.title ?? nothing}</dd>
          <dt>{t("new.plan")}</dt>
          <dd>{plan?.name ?? nothing}</dd>
          {plan && (
            <>
              <dt>{t("server.fact.vcpus")}</dt>
              <dd>{t("unit.vcpus", { n: plan.vcpus })}</dd>
              <dt>{t("server.fact.memory")}</dt>
              <dd>{bytes(plan.memory_bytes)}</dd>
              <dt>{t("server.fact.disk")}</dt>
              <dd>{bytes(plan.disk_bytes)}</dd>
            </>
          )}
        </dl>
        {known && <Free host={known} />}
        {stop && <Notice tone="bad">{stop}</Notice>}
        {form.problem.value && <ProblemNotice problem={form.problem.value} />}
        {Object.keys(form.errors.value).length > 0 && <Notice tone="bad" alert>{t("error.fields")}</Notice>}
        <Button tone="primary" type="submit" busy={form.busy.value} disabled={stop !== undefined}>
          {t("new.submit")}
        </Button>
        <p class="small muted summary-check" role="status">{checking ? t("new.checking") : ""}</p>
      </div>
    </aside>
  );
}
