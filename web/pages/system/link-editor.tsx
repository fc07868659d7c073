// One link of the machine's network: what it is made of and which addresses it has.
import type { ComponentChildren } from "preact";
import type { LinkFacts, LinkKind, LinkSettings, NetworkSettings } from "../../api/types";
import { t } from "../../i18n";
import { Button } from "../../parts/button";
import { ChecksField, SelectField, TextField } from "../../parts/field";
import type { Form } from "../../parts/form";
import { families, type Family, link_field, owner_of, with_members, with_name, without_link } from "./network-draft";

interface Props {
  readonly form: Form<string>;
  readonly i: number;
  readonly settings: NetworkSettings;
  readonly facts: readonly LinkFacts[];
}

const kinds: readonly LinkKind[] = ["ethernet", "bond", "bridge", "vlan"];
const methods = ["automatic", "fixed", "off"] as const;

function Addresses({ form, i, family }: { form: Form<string>; i: number; family: Family }) {
  const fixed = form.value(link_field(i, `${family}-method`)) === "fixed";
  return (
    <div class="system-addresses">
      <SelectField form={form} name={link_field(i, `${family}-method`)} label={t(`system.link.${family}`)} options={methods.map((method) => [method, t(`system.method.${method}`)] as const)} />
      {fixed && (
        <>
          <TextField form={form} name={link_field(i, `${family}-address`)} label={t("system.link.address", { family: t(`system.link.${family}`) })} hint={t(`system.link.address.${family}`)} mono />
          <TextField form={form} name={link_field(i, `${family}-gateway`)} label={t("system.link.gateway", { family: t(`system.link.${family}`) })} mono optional />
        </>
      )}
    </div>
  );
}

function Cards({ form, i, facts }: Props) {
  const name = link_field(i, "cards");
  const known = facts.filter((fact) => fact.driver !== "");
  const gone = form.value(name).split(" ").filter((mac) => mac !== "" && !known.some((fact) => fact.mac === mac));
  const options: (readonly [string, ComponentChildren])[] = [
    ...known.map((fact) => [fact.mac, <span key={fact.mac}>{fact.name} <span class="mono muted small">{fact.mac}</span></span>] as const),
    ...gone.map((mac) => [mac, <span key={mac} class="mono">{mac}</span>] as const),
  ];
  return <ChecksField form={form} name={name} label={t("system.link.cards")} hint={t("system.link.cards.hint")} options={options} />;
}

function Members({ form, i, settings, of }: Props & { of: "bond" | "bridge" }) {
  const fits = (link: LinkSettings) => (of === "bond" ? link.kind === "ethernet" : link.kind !== "bridge");
  const mine = settings.links[i]?.name;
  const names = settings.links.filter((link, at) => at !== i && fits(link) && [undefined, mine].includes(owner_of(settings, link.name))).map((link) => link.name);
  const name = link_field(i, "members");
  return (
    <>
      <ChecksField
        form={form}
        name={name}
        label={t("system.link.members")}
        hint={t(names.length === 0 ? "system.link.members.none" : `system.link.members.${of}`)}
        options={names.map((one) => [one, one] as const)}
        onValue={(value) => {
          form.values.value = with_members(form.values.peek(), i, value);
          form.set(name, value);
        }}
      />
      {of === "bond" && (
        <SelectField
          form={form}
          name={link_field(i, "bond_mode")}
          label={t("system.link.bond_mode")}
          options={(["active_backup", "lacp"] as const).map((mode) => [mode, t(`system.bond.${mode}`)] as const)}
        />
      )}
    </>
  );
}

function Vlan({ form, i, settings }: Props) {
  const parents = settings.links.filter((link, at) => at !== i && (link.kind === "ethernet" || link.kind === "bond")).map((link) => link.name);
  return (
    <div class="system-pair">
      <SelectField form={form} name={link_field(i, "parent")} label={t("system.link.parent")} options={[["", t("system.link.parent.none")] as const, ...parents.map((name) => [name, name] as const)]} />
      <TextField form={form} name={link_field(i, "vlan_id")} label={t("system.link.vlan_id")} hint={t("system.link.vlan_id.hint")} digits />
    </div>
  );
}

export function LinkEditor(props: Props) {
  const { form, i, settings } = props;
  const link = settings.links[i];
  if (!link) return null;
  const owner = link.name === "" ? undefined : owner_of(settings, link.name);
  const name = link_field(i, "name");
  return (
    <fieldset class="system-link">
      <legend>
        {link.name || t("system.link.nameless")} <span class="muted">{t(`system.kind.${link.kind}`)}</span>
      </legend>
      <div class="system-pair">
        <TextField form={form} name={name} label={t("system.link.name")} mono onValue={(value) => {
          form.values.value = with_name(form.values.peek(), i, value);
          form.set(name, form.values.peek()[name] ?? "");
        }} />
        <SelectField form={form} name={link_field(i, "kind")} label={t("system.link.kind")} options={kinds.map((kind) => [kind, t(`system.kind.${kind}`)] as const)} />
      </div>
      {link.kind === "ethernet" && <Cards {...props} />}
      {(link.kind === "bond" || link.kind === "bridge") && <Members {...props} of={link.kind} />}
      {link.kind === "vlan" && <Vlan {...props} />}
      {owner !== undefined ? <p class="muted small">{t("system.link.member_of", { name: owner })}</p> : families.map((family) => <Addresses key={family} form={form} i={i} family={family} />)}
      <div class="system-pair">
        <TextField form={form} name={link_field(i, "mtu")} label={t("system.link.mtu")} hint={t("system.link.mtu.hint")} digits optional />
      </div>
      <div>
        <Button small icon="trash" onClick={() => form.reset(without_link(form.values.peek(), i))}>
          {t("system.link.remove")}
          <span class="visually-hidden">: {link.name}</span>
        </Button>
      </div>
    </fieldset>
  );
}
