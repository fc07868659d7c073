import { useMemo } from "preact/hooks";
import { api } from "../../api/client";
import type { Machine } from "../../api/types";
import { t } from "../../i18n";
import { duration, zoned_time } from "../../i18n/format";
import { Button } from "../../parts/button";
import { now_ms } from "../../parts/clock";
import { CheckField, TextArea, TextField } from "../../parts/field";
import { Form } from "../../parts/form";
import { Notice } from "../../parts/notice";
import { read_at_ms } from "./machine";
import { SectionJob } from "./section-job";
import { SettingsPanel } from "./settings-panel";
import { epoch_s, local_time, zone_names } from "./zone";

type Fields = "time_zone" | "ntp" | "ntp_servers" | "clock";
type Values = Readonly<Record<Fields, string>>;

const words = (text: string) => text.split(/[\s,]+/).filter(Boolean);

const values_of = ({ time }: Machine): Values => ({ time_zone: time.time_zone, ntp: time.ntp ? "yes" : "", ntp_servers: time.ntp_servers.join("\n"), clock: "" });

function check(values: Values) {
  const wrong = values.ntp === "" && values.clock !== "" && epoch_s(values.clock, values.time_zone) === undefined;
  return { ...(values.time_zone.trim() === "" ? { time_zone: t("field.required") } : {}), ...(wrong ? { clock: t("system.time.clock.bad") } : {}) };
}

function save({ time_zone, ntp, ntp_servers, clock }: Values) {
  const by_hand = ntp === "" && clock !== "" ? epoch_s(clock, time_zone.trim()) : undefined;
  return api.put("/machine/time", {
    body: { time_zone: time_zone.trim(), ntp: ntp === "yes", ntp_servers: words(ntp_servers), ...(by_hand !== undefined ? { unix_seconds: by_hand } : {}) },
  });
}

const difference_s_max = 60;

function ClockPanel({ now }: { now: Machine }) {
  const machine_ms = now.time.unix_seconds * 1000 + Math.max(0, now_ms.value - read_at_ms.value);
  const off_s = Math.abs(now.time.unix_seconds - read_at_ms.value / 1000);
  return (
    <section class="panel">
      <header>
        <h2 class="grow">{t("system.time.now")}</h2>
        <span class={now.time.synchronised ? "badge badge-good" : "badge badge-busy"}>
          <i class="badge-dot" aria-hidden="true" />
          {t(now.time.synchronised ? "system.clock.synchronised" : "system.clock.not")}
        </span>
      </header>
      <div class="panel-body stack-tight">
        <p class="system-clock">{zoned_time(machine_ms, now.time.time_zone)}</p>
        <p class="muted small">{now.time.time_zone}</p>
        {off_s > difference_s_max && <Notice tone="warning">{t("system.time.differs", { time: duration(off_s) })}</Notice>}
      </div>
    </section>
  );
}

export function TimeSection({ now }: { now: Machine }) {
  const kept = values_of(now);
  const pointer = (at: string) => (at === "/unix_seconds" ? "clock" : (at.split("/")[1] ?? ""));
  const form = useMemo(() => new Form<Fields>(kept, check, pointer), []);
  const zones = useMemo(zone_names, []);
  const by_hand = form.value("ntp") === "";
  const saved = async (values: Values) => {
    const answer = await save(values);
    form.values.value = { ...form.values.peek(), clock: "" };
    return answer;
  };
  return (
    <div class="stack">
      <SectionJob types={["set-time"]} />
      <div class="system-columns">
        <SettingsPanel title={t("system.time")} form={form} kept={kept} job="set-time" save={saved}>
          <TextField form={form} name="time_zone" label={t("system.time.zone")} hint={t("system.time.zone.hint")} suggestions={zones} />
          <CheckField form={form} name="ntp" label={t("system.time.ntp")} hint={t("system.time.ntp.hint")} />
          {!by_hand && <TextArea form={form} name="ntp_servers" label={t("system.time.servers")} hint={t("system.time.servers.hint")} optional />}
          {by_hand && (
            <>
              <TextField form={form} name="clock" type="datetime-local" label={t("system.time.clock")} hint={t("system.time.clock.hint")} optional />
              <div>
                <Button small onClick={() => form.set("clock", local_time(Date.now(), form.value("time_zone")))}>{t("system.time.clock.browser")}</Button>
              </div>
            </>
          )}
        </SettingsPanel>
        <ClockPanel now={now} />
      </div>
    </div>
  );
}
