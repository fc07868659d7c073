// What this browser remembers: theme and language. Nothing else, and nothing secret.
import { effect, signal } from "@preact/signals";
import { is_language, type Language, language, preferred_language, speak } from "../i18n";

export type Theme = "system" | "light" | "dark";
const themes: readonly Theme[] = ["system", "light", "dark"];

// Storage may be forbidden (private windows, policies); the panel works without.
function remembered(name: string): string | null {
  try {
    return localStorage.getItem(`berth.${name}`);
  } catch {
    return null;
  }
}
function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`berth.${name}`, value);
  } catch {
    // Then it lasts as long as the page.
  }
}

export const theme = signal<Theme>(themes.find((known) => known === remembered("theme")) ?? "system");

export function choose_theme(wanted: Theme): void {
  theme.value = wanted;
  remember("theme", wanted);
}

export async function choose_language(wanted: Language): Promise<void> {
  await speak(wanted);
  remember("language", wanted);
}

// For the installation: only what somebody chose, not what a browser asks for by itself.
export function chosen_language(): { language?: Language } {
  const chosen = remembered("language");
  return is_language(chosen) ? { language: chosen } : {};
}

export async function start_preferences(): Promise<void> {
  effect(() => {
    if (theme.value === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme.value;
  });
  await speak_as_wished();
}

// Again with the installation's language, once the panel has told it.
export async function speak_as_wished(installed?: string | null): Promise<void> {
  const wanted = preferred_language(remembered("language"), installed);
  if (wanted !== language.value) await speak(wanted);
}
