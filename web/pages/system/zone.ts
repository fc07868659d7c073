// Wall clocks and time zones. Pure, but for the zones that this browser knows.

// Every zone that can be chosen; the server knows the same names from the same database.
export function zone_names(): string[] {
  return [...new Set(["Etc/UTC", ...Intl.supportedValuesOf("timeZone")])];
}

function wall_clock_ms(epoch_ms: number, zone: string): number {
  const format = new Intl.DateTimeFormat("en-GB", { timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric" });
  const part = Object.fromEntries(format.formatToParts(epoch_ms).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(part["year"] ?? 0, (part["month"] ?? 1) - 1, part["day"], part["hour"], part["minute"], part["second"]);
}

// "2026-11-20T16:30" on the clocks of a zone -> seconds since 1970; undefined: no such time, or no such zone.
export function epoch_s(local: string, zone: string): number | undefined {
  const wanted = Date.parse(`${local}Z`);
  if (Number.isNaN(wanted)) return undefined;
  try {
    // Twice: the first guess may lie on the other side of a change of the clocks.
    let guess = wanted;
    for (let i = 0; i < 2; ++i) guess += wanted - wall_clock_ms(guess, zone);
    return Math.round(guess / 1000);
  } catch {
    return undefined;
  }
}

// The other way round: what goes into an input of type datetime-local.
export function local_time(epoch_ms: number, zone: string): string {
  return new Date(wall_clock_ms(epoch_ms, zone)).toISOString().slice(0, 16);
}
