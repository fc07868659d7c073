// Where updates come from by themselves, and when they may be installed.
import { useMemo } from "preact/hooks";
import { api, new_idempotency_key } from "../../api/client";
import type { Machine, UpdatePolicy, Weekday } from "../../api/types";
import { language, t } from "../../i18n";
import { date_time, weekday_names } from "../../i18n/format";
import { Button } from "../../parts/button";
import { CheckField, ChecksField, TextField } from "../../parts/field";
import { Form } from "../../parts/form";
import { Notice } from "../../parts/notice";
import { toast } from "../../parts/toast";
import { ask, read_machine, release_busy } from "./machine";
import { SettingsPanel } from "./settings-panel";

const weekdays: readonly Weekday[] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

type Fields = "channel_url" | "automatic" | "weekdays" | "from" | "minutes";

const values_of = ({ channel_url, automatic, window }: UpdatePolicy): Record<Fields, string> => ({
  channel_url,
  automatic: automatic ? "yes" : "",
  weekdays: weekdays.filter((day) => window.weekdays.includes(day)).join(" "),
  from: window.from,
  minutes: String(window.minutes),
});

function policy_of(values: Readonly<Record<Fields, string>>): UpdatePolicy {
  const days = values.weekdays.split(" ");
  return {
    channel_url: values.channel_url.trim(),
    automatic: values.automatic === "yes",
    window: { weekdays: weekdays.filter((day) => days.includes(day)), from: values.from, minutes: Number(values.minutes) },
  };
}

function check({ minutes, from }: Readonly<Record<Fields, string>>) {
  return {
    ...(/^\d+$/.test(minutes.trim()) ? {} : { minutes: t("rule.not_integer") }),
    ...(from === "" ? { from: t("field.required") } : {}),
  };
}

function LastCheck({ now }: { now: Machine }) {
  const last = now.last_check;
  if (!last) return <p class="muted small">{t("system.check.never")}</p>;
  if (last.problem) return <Notice tone="bad">{t("system.check.failed", { at: date_time(last.at), reason: last.problem })}</Notice>;
  const offered = last.version && last.version !== now.version;
  return <p class="muted small">{offered ? t("system.check.found", { at: date_time(last.at), version: last.version ?? "" }) : t("system.check.nothing", { at: date_time(last.at) })}</p>;
}

export function PolicyPanel({ now }: { now: Machine }) {
  const kept = values_of(now.update_policy);
  const form = useMemo(() => new Form<Fields>(kept, check, (pointer) => pointer.replace(/^\/window/, "").split("/")[1] ?? ""), []);
  const names = weekday_names(language.value);
  const save = async (values: Readonly<Record<Fields, string>>) => {
    await api.put("/machine/update-policy", { body: policy_of(values) });
    await read_machine();
    toast("good", t("system.policy.saved"));
    return undefined;
  };
  const check_now = () => ask(() => api.post("/machine/updates/check", { idempotency_key: new_idempotency_key() }));
  return (
    <SettingsPanel
      title={t("system.policy")}
      form={form}
      kept={kept}
      job="check-updates"
      save={save}
      actions={
        <Button icon="search" disabled={now.update_policy.channel_url === "" || release_busy(now)} onClick={() => void check_now()}>
          {t("system.check")}
        </Button>
      }
    >
      <TextField form={form} name="channel_url" type="url" label={t("system.policy.channel")} hint={t("system.policy.channel.hint")} mono optional />
      <CheckField form={form} name="automatic" label={t("system.policy.automatic")} hint={t("system.policy.automatic.hint")} />
      <ChecksField form={form} name="weekdays" label={t("system.policy.weekdays")} options={weekdays.map((day, i) => [day, names[i] ?? day] as const)} />
      <div class="system-pair">
        <TextField form={form} name="from" type="time" label={t("system.policy.from")} hint={now.time.time_zone} />
        <TextField form={form} name="minutes" label={t("system.policy.minutes")} digits />
      </div>
      <LastCheck now={now} />
    </SettingsPanel>
  );
}
