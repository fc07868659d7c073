// What the user wants, how it is checked before it is sent, and what survives a reload.
import type { CreateServer, Host, Image, Plan, ServerKind } from "../../api/types";
import { t } from "../../i18n";
import { bytes } from "../../i18n/format";

export type WishField = "name" | "hostname" | "image" | "plan" | "ssh_keys" | "password" | "peer_group";
export type Wish = Readonly<Record<WishField, string>>;

export const no_wish: Wish = { name: "", hostname: "", image: "", plan: "", ssh_keys: "", password: "", peer_group: "" };

const name_length_max = 63;
const password_length_min = 8;
const password_length_max = 128;
const hostname_shape = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/; // RFC 1123 label
const key_shape = /^(ssh-(rsa|ed25519|dss)|ecdsa-sha2-nistp(256|384|521)|sk-(ssh-ed25519|ecdsa-sha2-nistp256)@openssh\.com) [A-Za-z0-9+/]+={0,3}( .*)?$/;

// "Mail gateway (old)" -> "mail-gateway-old"
export function hostname_from(name: string): string {
  const plain = name.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  return plain.replace(/[^a-z0-9]+/g, "-").replace(/^-+/, "").slice(0, 63).replace(/-+$/, "");
}

export function key_lines(text: string): string[] {
  return text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
}

function key_error(text: string): string | undefined {
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    if (line.includes("PRIVATE KEY")) return t("new.keys.private", { line: i + 1 });
    if (!key_shape.test(line.trim())) return t("new.keys.bad", { line: i + 1 });
  }
  return undefined;
}

// Keys and password are for virtual machines: what was entered for one is kept, but not asked about, while a container is chosen.
export function check_wish(wish: Wish, kind: ServerKind): Partial<Record<WishField, string>> {
  const errors: Partial<Record<WishField, string>> = {};
  if (wish.image === "") errors.image = t("new.choose_image");
  if (wish.plan === "") errors.plan = t("new.choose_plan");
  if (wish.name.trim() === "") errors.name = t("field.required");
  else if (wish.name.trim().length > name_length_max) errors.name = t("field.too_long", { n: name_length_max });
  if (wish.hostname !== "" && !hostname_shape.test(wish.hostname)) errors.hostname = t("new.hostname.bad");
  if (wish.peer_group.trim().length > name_length_max) errors.peer_group = t("field.too_long", { n: name_length_max });
  if (kind === "container") return errors;
  if (wish.password !== "" && wish.password.length < password_length_min) errors.password = t("field.too_short", { n: password_length_min });
  if (wish.password.length > password_length_max) errors.password = t("field.too_long", { n: password_length_max });
  const key = key_error(wish.ssh_keys);
  if (key) errors.ssh_keys = key;
  return errors;
}

export function request_of(wish: Wish, kind: ServerKind, start: boolean): CreateServer {
  const keys = kind === "vm" ? key_lines(wish.ssh_keys) : [];
  return {
    name: wish.name.trim(),
    image: wish.image,
    plan: wish.plan,
    ...(wish.hostname ? { hostname: wish.hostname } : {}),
    ...(wish.peer_group.trim() ? { peer_group: wish.peer_group.trim() } : {}),
    ...(keys.length > 0 ? { ssh_keys: keys } : {}),
    ...(wish.password && kind === "vm" ? { password: wish.password } : {}),
    start,
  };
}

export interface Fit {
  readonly blocked?: string;
  readonly warning?: string;
}

// Whether a plan can carry the image on this machine, and if not, why. The server decides; this only says it early.
export function plan_fit(plan: Plan, image: Image | undefined, host: Host | undefined): Fit {
  if (image && plan.disk_bytes < image.min_disk_bytes) return { blocked: t("new.plan.disk_too_small", { size: bytes(image.min_disk_bytes) }) };
  if (image && plan.memory_bytes < image.min_memory_bytes) return { blocked: t("new.plan.memory_too_small", { size: bytes(image.min_memory_bytes) }) };
  if (!host) return {};
  if (plan.vcpus > host.cpus) return { blocked: t("new.plan.machine_cpus", { n: host.cpus }) };
  if (plan.memory_bytes > host.memory_to_sell_bytes) return { blocked: t("new.plan.memory_promised", { size: bytes(host.memory_to_sell_bytes) }) };
  if (host.storage_full) return { blocked: t("new.plan.storage_full", { size: bytes(host.storage_free_bytes) }) };
  if (plan.memory_bytes > host.memory_free_bytes) return { warning: t("new.plan.machine_memory", { size: bytes(host.memory_free_bytes) }) };
  if (plan.disk_bytes > host.storage_free_bytes) return { warning: t("new.plan.machine_storage", { size: bytes(host.storage_free_bytes) }) };
  return {};
}

// A password a person can copy off a screen: no look-alikes, 20 characters of 54 (115 bits).
export function make_password(): string {
  const letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
  let made = "";
  while (made.length < 20) {
    const byte = crypto.getRandomValues(new Uint8Array(1))[0] ?? 255;
    if (byte < letters.length * 4) made += letters[byte % letters.length];
  }
  return made;
}

const draft_key = "berth.new-server";
interface Draft {
  readonly kind: ServerKind;
  readonly wish: Wish;
}

export function read_draft(): Draft {
  try {
    const saved = JSON.parse(sessionStorage.getItem(draft_key) ?? "{}") as Partial<Draft>;
    return { kind: saved.kind === "container" ? "container" : "vm", wish: { ...no_wish, ...saved.wish } };
  } catch {
    return { kind: "vm", wish: no_wish };
  }
}

// The password stays in memory only.
export function keep_draft(draft: Draft): void {
  try {
    sessionStorage.setItem(draft_key, JSON.stringify({ ...draft, wish: { ...draft.wish, password: "" } }));
  } catch {
    // Then a reload begins anew.
  }
}

export function drop_draft(): void {
  try {
    sessionStorage.removeItem(draft_key);
  } catch {
    // It was never kept.
  }
}
