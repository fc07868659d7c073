// Network settings as a form edits them: every field a text under a flat name ("links-0-ipv4-address"). Pure.
import type { AddressSettings, LinkKind, LinkSettings, NetworkSettings } from "../../api/types";
import { t } from "../../i18n";

export type Draft = Readonly<Record<string, string>>;
export const families = ["ipv4", "ipv6"] as const;
export type Family = (typeof families)[number];

export const link_field = (i: number, field: string) => `links-${i}-${field}`;
export const link_count = (draft: Draft): number => Number(draft["links"] ?? "0");
const words = (text: string | undefined): string[] => (text ?? "").split(/[\s,]+/).filter(Boolean);

function draft_of_link(link: LinkSettings, i: number): Record<string, string> {
  const at = (field: string) => link_field(i, field);
  const addresses = (family: Family): Record<string, string> => ({
    [at(`${family}-method`)]: link[family].method,
    [at(`${family}-address`)]: link[family].address,
    [at(`${family}-gateway`)]: link[family].gateway,
  });
  return {
    [at("name")]: link.name,
    [at("kind")]: link.kind,
    [at("cards")]: link.cards.join(" "),
    [at("members")]: link.members.join(" "),
    [at("bond_mode")]: link.bond_mode,
    [at("parent")]: link.parent ?? "",
    [at("vlan_id")]: String(link.vlan_id ?? ""),
    [at("mtu")]: String(link.mtu ?? ""),
    ...addresses("ipv4"),
    ...addresses("ipv6"),
  };
}

export function draft_of({ links, dns, search }: NetworkSettings): Draft {
  return { links: String(links.length), dns: dns.join(" "), search: search.join(" "), ...Object.assign({}, ...links.map(draft_of_link)) };
}

function addresses_of(draft: Draft, i: number, family: Family): AddressSettings {
  const text = (field: string) => (draft[link_field(i, `${family}-${field}`)] ?? "").trim();
  const method = text("method") as AddressSettings["method"];
  return method === "fixed" ? { method, address: text("address"), gateway: text("gateway") } : { method, address: "", gateway: "" };
}

// A field that belongs to another kind of link is not sent: it may still be there if the kind is chosen again.
function link_of(draft: Draft, i: number): LinkSettings {
  const text = (field: string) => (draft[link_field(i, field)] ?? "").trim();
  const kind = text("kind") as LinkKind;
  const groups = kind === "bond" || kind === "bridge";
  return {
    name: text("name"),
    kind,
    cards: kind === "ethernet" ? words(text("cards")) : [],
    members: groups ? words(text("members")) : [],
    bond_mode: text("bond_mode") as LinkSettings["bond_mode"],
    ...(kind === "vlan" && text("parent") ? { parent: text("parent") } : {}),
    ...(kind === "vlan" && text("vlan_id") ? { vlan_id: Number(text("vlan_id")) } : {}),
    ...(text("mtu") ? { mtu: Number(text("mtu")) } : {}),
    ipv4: addresses_of(draft, i, "ipv4"),
    ipv6: addresses_of(draft, i, "ipv6"),
  };
}

export function settings_of(draft: Draft): NetworkSettings {
  return { links: Array.from({ length: link_count(draft) }, (_, i) => link_of(draft, i)), dns: words(draft["dns"]), search: words(draft["search"]) };
}

export const same_settings = (one: Draft, other: Draft): boolean => JSON.stringify(settings_of(one)) === JSON.stringify(settings_of(other));

// "/settings/links/0/ipv4/address" -> "links-0-ipv4-address"; entries of a list belong to the list's field.
export function field_at(pointer: string): string {
  return pointer.replace(/^\/settings\//, "").replace(/^(links\/\d+\/(?:cards|members)|dns|search)\/.*$/, "$1").replaceAll("/", "-").replace(/^-/, "");
}

// Only what would not even arrive: the server says the rest.
export function check_draft(draft: Draft): Record<string, string> {
  const errors: Record<string, string> = {};
  for (const [i, link] of settings_of(draft).links.entries()) {
    if (link.name === "") errors[link_field(i, "name")] = t("field.required");
    for (const field of ["vlan_id", "mtu"] as const) if (link[field] !== undefined && !Number.isInteger(link[field])) errors[link_field(i, field)] = t("rule.not_integer");
    for (const family of families) if (link[family].method === "fixed" && link[family].address === "") errors[link_field(i, `${family}-address`)] = t("field.required");
  }
  return errors;
}

const prefixes: Record<LinkKind, string> = { ethernet: "lan", bond: "bond", bridge: "bridge", vlan: "vlan" };

export function with_link(draft: Draft, kind: LinkKind): Draft {
  const settings = settings_of(draft);
  const names = settings.links.map((link) => link.name);
  let number = 0;
  while (names.includes(`${prefixes[kind]}${number}`)) ++number;
  const off: AddressSettings = { method: "off", address: "", gateway: "" };
  const parent = settings.links.find((link) => link.kind === "ethernet" || link.kind === "bond")?.name;
  const link: LinkSettings = { name: `${prefixes[kind]}${number}`, kind, cards: [], members: [], bond_mode: "active_backup", ...(kind === "vlan" && parent ? { parent } : {}), ipv4: off, ipv6: off };
  return { ...draft, ...draft_of_link(link, settings.links.length), links: String(settings.links.length + 1) };
}

export function without_link(draft: Draft, i: number): Draft {
  const settings = settings_of(draft);
  const gone = settings.links[i]?.name;
  const links = settings.links.filter((_, at) => at !== i).map((link) => ({ ...link, members: link.members.filter((name) => name !== gone) }));
  return draft_of({ ...settings, links });
}

// Whoever refers to a link by its name goes with the name.
export function with_name(draft: Draft, i: number, typed: string): Draft {
  const name = typed.replace(/[\s,]/g, "");
  const before = draft[link_field(i, "name")] ?? "";
  const next: Record<string, string> = { ...draft, [link_field(i, "name")]: name };
  const count = link_count(draft);
  const shared = Array.from({ length: count }, (_, at) => at).some((at) => at !== i && draft[link_field(at, "name")] === before);
  if (before === "" || name === "" || shared) return next;
  for (let at = 0; at < count; ++at) {
    const [members, parent] = [link_field(at, "members"), link_field(at, "parent")];
    next[members] = words(draft[members]).map((one) => (one === before ? name : one)).join(" ");
    if (draft[parent] === before) next[parent] = name;
  }
  return next;
}

// A member has no addresses of its own: those belong to the bond or bridge.
export function with_members(draft: Draft, i: number, members: string): Draft {
  const next: Record<string, string> = { ...draft, [link_field(i, "members")]: members };
  for (let at = 0; at < link_count(draft); ++at)
    if (words(members).includes(draft[link_field(at, "name")] ?? "")) for (const family of families) next[link_field(at, `${family}-method`)] = "off";
  return next;
}

// Of which bond or bridge a link is a part.
export function owner_of(settings: NetworkSettings, name: string): string | undefined {
  return settings.links.find((link) => link.members.includes(name))?.name;
}

// Where the panel would be found with these settings: the fixed addresses, as they stand in a URL.
export function addresses_after(settings: NetworkSettings): string[] {
  const plain = (text: string) => text.split("/")[0] ?? "";
  return settings.links.flatMap(({ ipv4, ipv6 }) => [...(ipv4.method === "fixed" && ipv4.address ? [plain(ipv4.address)] : []), ...(ipv6.method === "fixed" && ipv6.address ? [`[${plain(ipv6.address)}]`] : [])]);
}
