import { useEffect } from "preact/hooks";
import { api, new_idempotency_key } from "../../api/client";
import type { LinkFacts, LinkKind, Machine } from "../../api/types";
import { t } from "../../i18n";
import { Button } from "../../parts/button";
import { SelectField, TextField } from "../../parts/field";
import { Form } from "../../parts/form";
import { Notice, ProblemNotice } from "../../parts/notice";
import { job_ended } from "../../shell/live";
import { LinkEditor } from "./link-editor";
import { follow, sent_to_try, telling_job } from "./machine";
import { addresses_after, check_draft, draft_of, field_at, link_count, same_settings, settings_of, with_link } from "./network-draft";
import { SectionJob } from "./section-job";
import { Locked } from "./settings-panel";
import { NewAddresses } from "./trial-notice";

// Outlives the section: who looks something up elsewhere finds what was begun.
let form: Form<string> | undefined;
let kept_json = "";
const patience = new Form<"seconds">({ seconds: "120" });

// What the machine keeps comes into the form as long as nobody has begun to edit it.
function form_of(now: Machine): Form<string> {
  const json = JSON.stringify(now.network.kept);
  const kept = draft_of(now.network.kept);
  form ??= new Form<string>(kept, check_draft, field_at);
  if (json !== kept_json && kept_json !== "" && same_settings(form.values.peek(), draft_of(JSON.parse(kept_json)))) {
    const known = form;
    queueMicrotask(() => known.reset(kept));
  }
  kept_json = json;
  return form;
}

function LinkRow({ link }: { link: LinkFacts }) {
  return (
    <li class="system-slot">
      <div class="grow">
        <h3>{link.name}</h3>
        <p class="muted small">
          <span class="mono">{link.mac}</span>
          {link.driver && `, ${link.driver}`}
        </p>
      </div>
      <p class="mono small">{link.addresses.length > 0 ? link.addresses.join(", ") : <span class="muted">{t("servers.no_address")}</span>}</p>
      <span class={link.carrier ? "badge badge-good" : "badge badge-calm"}>
        <i class="badge-dot" aria-hidden="true" />
        {t(link.carrier ? "system.link.carrier" : "system.link.no_carrier")}
      </span>
    </li>
  );
}

function FactsPanel({ now }: { now: Machine }) {
  return (
    <section class="panel">
      <header>
        <h2>{t("system.links")}</h2>
      </header>
      {now.network.links.length === 0 ? (
        <p class="panel-body muted">{t("system.links.none")}</p>
      ) : (
        <ul class="system-list">
          {now.network.links.map((link) => (
            <LinkRow key={link.name} link={link} />
          ))}
        </ul>
      )}
    </section>
  );
}

const kinds: readonly LinkKind[] = ["ethernet", "bond", "bridge", "vlan"];
const links_max = 16;

function AddLink({ of }: { of: Form<string> }) {
  const full = link_count(of.values.value) >= links_max;
  return (
    <div class="row" role="group" aria-label={t("system.link.add")}>
      <span class="muted small">{t("system.link.add")}</span>
      {kinds.map((kind) => (
        <Button key={kind} small icon="plus" disabled={full} onClick={() => (of.values.value = with_link(of.values.peek(), kind))}>
          {t(`system.kind.${kind}`)}
        </Button>
      ))}
    </div>
  );
}

function Editor({ now, draft }: { now: Machine; draft: Form<string> }) {
  const values = draft.values.value;
  const settings = settings_of(values);
  const kept = draft_of(now.network.kept);
  const changed = !same_settings(values, kept);
  const job = telling_job(["try-network"]);
  const tried = now.network.tried !== undefined;
  const submit = () =>
    draft.submit(async () => {
      const answer = await api.post("/machine/network/trial", { body: { settings, confirm_within_s: Number(patience.value("seconds")) }, idempotency_key: new_idempotency_key() });
      sent_to_try.value = settings;
      follow(answer.job);
    });
  return (
    <form
      class="panel-body"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Locked>
        {draft.problem.value && <ProblemNotice problem={draft.problem.value} />}
        {settings.links.map((_, i) => (
          <LinkEditor key={i} form={draft} i={i} settings={settings} facts={now.network.links} />
        ))}
        <AddLink of={draft} />
        <div class="system-pair">
          <TextField form={draft} name="dns" label={t("system.network.dns")} hint={t("system.network.dns.hint")} mono optional />
          <TextField form={draft} name="search" label={t("system.network.search")} hint={t("system.network.search.hint")} mono optional />
        </div>
        {changed && !tried && (
          <Notice tone="warning">
            <p>{t(addresses_after(settings).length > 0 ? "system.network.warning" : "system.network.warning.automatic")}</p>
            <NewAddresses settings={settings} />
          </Notice>
        )}
        <div class="system-pair">
          <SelectField
            form={patience}
            name="seconds"
            label={t("system.network.patience")}
            hint={t("system.network.patience.hint")}
            options={[30, 60, 120, 300, 600].map((n) => [String(n), t("system.network.seconds", { n })] as const)}
          />
        </div>
        <div class="row">
          <Button tone="primary" type="submit" busy={draft.busy.value || (job !== undefined && !job_ended(job))} disabled={!changed || tried}>{t("system.network.try")}</Button>
          {changed && <Button tone="quiet" icon="undo" onClick={() => draft.reset(kept)}>{t("system.discard")}</Button>}
          {tried && <span class="muted small">{t("system.network.on_trial")}</span>}
        </div>
      </Locked>
    </form>
  );
}

export function NetworkSection({ now }: { now: Machine }) {
  const draft = form_of(now);
  useEffect(() => {
    // After a reload the form begins with what is being tried, not with what would come back.
    if (now.network.tried && same_settings(draft.values.peek(), draft_of(now.network.kept))) draft.reset(draft_of(now.network.tried));
  }, [now.network.tried !== undefined]);
  return (
    <div class="stack">
      <SectionJob types={["try-network", "confirm-network", "revert-network"]} />
      <FactsPanel now={now} />
      <section class="panel">
        <header>
          <h2>{t("system.network")}</h2>
          <p class="muted small">{t("system.network.lead")}</p>
        </header>
        <Editor now={now} draft={draft} />
      </section>
    </div>
  );
}
