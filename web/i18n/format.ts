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

// "4 days, 3 hours": how long a machine has been up.
export function long_duration(seconds: number): string {
  const unit = (value: number, name: string) => new Intl.NumberFormat(locale(), { style: "unit", unit: name, unitDisplay: "long" }).format(Math.floor(value));
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const parts = days > 0 ? [unit(days, "day"), unit(hours, "hour")] : hours > 0 ? [unit(hours, "hour"), unit(minutes, "minute")] : [unit(minutes, "minute")];
  return new Intl.ListFormat(locale(), { type: "unit", style: "short" }).format(parts);
}

// Monday first, as ISO 8601 counts them.
export function weekday_names(code: string): string[] {
  const format = new Intl.DateTimeFormat(code, { weekday: "short", timeZone: "UTC" });
  return Array.from({ length: 7 }, (_, i) => format.format(Date.UTC(2024, 0, 1 + i)));
}

// What the clocks of another place show; of here, when this browser does not know that place.
export function zoned_time(epoch_ms: number, zone: string): string {
  const style = { dateStyle: "full", timeStyle: "short" } as const;
  try {
    return new Intl.DateTimeFormat(locale(), { ...style, timeZone: zone }).format(epoch_ms);
  } catch {
    return new Intl.DateTimeFormat(locale(), style).format(epoch_ms);
  }
}
