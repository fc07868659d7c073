// Words in the user's language. `t` reads a signal, so what is on screen follows a change of language at once.
import { signal } from "@preact/signals";
import type { SetUp } from "../api/types";
import { en } from "./en";

type Plural = { readonly [Category in Intl.LDMLPluralRule]?: string } & { readonly other: string };
export type Entry = string | Plural;
type English = typeof en;
export type Key = keyof English;
export type Catalogue = { readonly [K in Key]: English[K] extends string ? string : Plural };

type Text<E> = E extends string ? E : E extends { other: infer O extends string } ? O : never;
type Names<S> = S extends `${string}{${infer N}}${infer Rest}` ? N | Names<Rest> : never;
type Values<K extends Key> = { readonly [N in Names<Text<English[K]>>]: string | number };
type Rest<K extends Key> = [Names<Text<English[K]>>] extends [never] ? [] : [values: Values<K>];

// A language is one row here, one file beside it, and one name in firmware/base/language.hpp.
const shelf = {
  en: { name: "English", dir: "ltr", load: () => Promise.resolve<Catalogue>(en) },
  de: { name: "Deutsch", dir: "ltr", load: () => import("./de").then((m): Catalogue => m.de) },
  pl: { name: "Polski", dir: "ltr", load: () => import("./pl").then((m): Catalogue => m.pl) },
} as const satisfies Record<NonNullable<SetUp["language"]>, { name: string; dir: "ltr" | "rtl"; load: () => Promise<Catalogue> }>;

export type Language = keyof typeof shelf;
export const languages = (Object.keys(shelf) as Language[]).map((code) => ({ code, name: shelf[code].name }));

const words = signal<Catalogue>(en);
export const language = signal<Language>("en");

export function is_language(code: string | null | undefined): code is Language {
  return typeof code === "string" && Object.hasOwn(shelf, code);
}

// What somebody chose in this browser, else the installation's, else what the browser asks for.
export function preferred_language(stored: string | null, installed?: string | null): Language {
  if (is_language(stored)) return stored;
  if (is_language(installed)) return installed;
  const wished = navigator.languages.map((tag) => tag.split("-")[0]);
  return wished.find((code): code is Language => is_language(code)) ?? "en";
}

// Resolves once the words are there; the old ones stay on screen until then.
export async function speak(code: Language): Promise<void> {
  words.value = await shelf[code].load();
  language.value = code;
  document.documentElement.lang = code;
  document.documentElement.dir = shelf[code].dir;
}

export function t<K extends Key>(key: K, ...rest: Rest<K>): string {
  const values = (rest[0] ?? {}) as Record<string, string | number>;
  return fill(words.value[key], values);
}

// For keys made of data ("problem.<slug>"): undefined when there is no such text.
export function t_if_known(key: string, values: Record<string, string | number> = {}): string | undefined {
  return Object.hasOwn(words.value, key) ? fill(words.value[key as Key], values) : undefined;
}

function fill(entry: Entry, values: Record<string, string | number>): string {
  const text = typeof entry === "string" ? entry : plural(entry, Number(values["n"]));
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === "number" ? number(value) : value;
  });
}

function plural(forms: Plural, n: number): string {
  return forms[new Intl.PluralRules(language.value).select(n)] ?? forms.other;
}

// The user's own region where the browser names one ("en-GB" writes other dates than "en").
export function locale(): string {
  const code = language.value;
  return globalThis.navigator?.languages?.find((tag) => tag.split("-")[0] === code) ?? code;
}

export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}
