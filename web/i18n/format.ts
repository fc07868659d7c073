// Figures as people read them: sizes in binary units, times beside now.
import { locale, number, t } from "./index";

const units = ["unit.b", "unit.kib", "unit.mib", "unit.gib", "unit.tib"] as const;

export function bytes(value: number): string {
  let step = 0;
  let amount = value;
  while (amount >= 1024 && step < units.length - 1) {
    amount /= 1024;
    ++step;
  }
  const digits = step === 0 || amount >= 100 ? 0 : amount >= 10 || Number.isInteger(amount) ? 1 : 2;
  return t(units[step] ?? "unit.b", { n: number(amount, digits) });
}

export function bytes_per_second(value: number): string {
  return t("unit.per_second", { amount: bytes(value) });
}

export function percent(share: number): string {
  const value = share * 100;
  return t("unit.percent", { n: number(value, value < 10 ? 1 : 0) });
}

const spans: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

export function relative_time(iso: string, now_ms: number): string {
  const seconds = (Date.parse(iso) - now_ms) / 1000;
  const format = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" });
  for (const [unit, length_s] of spans) if (Math.abs(seconds) >= length_s) return format.format(Math.trunc(seconds / length_s), unit);
  return t("time.now");
}

export function date_time(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "medium", timeStyle: "medium" }).format(new Date(iso));
}

export function date(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { dateStyle: "long" }).format(new Date(iso));
}

export function clock_time(iso: string): string {
  return new Intl.DateTimeFormat(locale(), { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(iso));
}

// "3.2s", "2m": how long something took or will take.
export function duration(seconds: number): string {
  const [unit, value] = seconds < 90 ? (["second", seconds] as const) : seconds < 5400 ? (["minute", seconds / 60] as const) : (["hour", seconds / 3600] as const);
  const digits = unit === "second" && value < 10 ? 1 : 0;
  return new Intl.NumberFormat(locale(), { style: "unit", unit, unitDisplay: "narrow", maximumFractionDigits: digits }).format(value);
}
