import { date_time, relative_time } from "../i18n/format";
import { now_ms } from "./clock";

export function RelativeTime({ at }: { at: string }) {
  return (
    <time dateTime={at} title={date_time(at)}>
      {relative_time(at, now_ms.value)}
    </time>
  );
}
