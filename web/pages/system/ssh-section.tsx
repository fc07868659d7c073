import { useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { api } from "../../api/client";
import type { Machine } from "../../api/types";
import { t } from "../../i18n";
import { Button } from "../../parts/button";
import { CheckField, FieldError, TextArea } from "../../parts/field";
import { Form } from "../../parts/form";
import { Icon } from "../../parts/icon";
import { SectionJob } from "./section-job";
import { SettingsPanel } from "./settings-panel";
import { fingerprint, ssh_key } from "./ssh-key";

// The keys of the list stand one a line. What is being typed is saved with them, whether it was put on the list before or not.
type Fields = "enabled" | "keys" | "fresh";
type Values = Readonly<Record<Fields, string>>;

const lines = (text: string) => text.split("\n").map((line) => line.trim()).filter(Boolean);

function problem_of_new(text: string): string | undefined {
  for (const [i, line] of lines(text).entries()) {
    if (line.includes("PRIVATE KEY")) return t("new.keys.private", { line: i + 1 });
    if (!ssh_key(line)) return t("new.keys.bad", { line: i + 1 });
  }
  return undefined;
}

function KeyRow({ line, remove }: { line: string; remove: () => void }) {
  const key = ssh_key(line);
  const print = useSignal("");
  useEffect(() => {
    if (key) void fingerprint(key).then((found) => (print.value = found ?? ""));
  }, [line]);
  const name = key?.comment || key?.type || line.slice(0, 40);
  return (
    <li class="system-slot">
      <Icon name="key" size={18} />
      <div class="grow">
        <p class="system-key-name">{name}</p>
        <p class="muted small mono">
          {key?.type} {print.value}
        </p>
      </div>
      <Button small icon="trash" onClick={remove}>
        {t("system.ssh.remove")}
        <span class="visually-hidden">: {name}</span>
      </Button>
    </li>
  );
}

function Keys({ form }: { form: Form<Fields> }) {
  const keys = lines(form.value("keys"));
  const error = form.errors.value.keys;
  const id = form.id("keys");
  const set = (next: readonly string[]) => form.set("keys", next.join("\n"));
  return (
    <fieldset class="field" id={id} tabIndex={-1} aria-describedby={error ? `${id}-error` : undefined}>
      <legend class="field-legend">{t("system.ssh.keys")}</legend>
      {keys.length === 0 ? (
        <p class="muted small">{t("system.ssh.none")}</p>
      ) : (
        <ul class="system-list system-keys">
          {keys.map((line) => (
            <KeyRow key={line} line={line} remove={() => set(keys.filter((one) => one !== line))} />
          ))}
        </ul>
      )}
      {error && <FieldError id={`${id}-error`}>{error}</FieldError>}
    </fieldset>
  );
}

const all_keys = ({ keys, fresh }: Values): string[] => [...new Set([...lines(keys), ...lines(fresh)])];

function check(values: Values) {
  const strange = problem_of_new(values.fresh);
  if (strange) return { fresh: strange };
  return values.enabled === "yes" && all_keys(values).length === 0 ? { keys: t("rule.no_ssh_key") } : {};
}

export function SshSection({ now }: { now: Machine }) {
  const kept = { enabled: now.ssh.enabled ? "yes" : "", keys: now.ssh.keys.join("\n"), fresh: "" };
  const form = useMemo(() => new Form<Fields>(kept, check), []);
  const add = () => {
    form.leave("fresh");
    const values = form.values.peek();
    if (problem_of_new(values.fresh)) return;
    form.set("keys", all_keys(values).join("\n"));
    form.set("fresh", "");
  };
  const save = async (values: Values) => {
    const keys = all_keys(values);
    const answer = await api.put("/machine/ssh", { body: { enabled: values.enabled === "yes", keys } });
    form.values.value = { ...form.values.peek(), keys: keys.join("\n"), fresh: "" };
    return answer;
  };
  return (
    <div class="stack">
      <SectionJob types={["set-ssh"]} />
      <SettingsPanel title={t("system.ssh")} lead={t("system.ssh.lead")} form={form} kept={kept} job="set-ssh" save={save}>
        <CheckField form={form} name="enabled" label={t("system.ssh.enabled")} hint={t("system.ssh.hint")} />
        <Keys form={form} />
        <TextArea form={form} name="fresh" label={t("system.ssh.add")} hint={t("new.keys.hint")} />
        <div>
          <Button icon="plus" disabled={form.value("fresh").trim() === ""} onClick={add}>{t("system.ssh.add.button")}</Button>
        </div>
      </SettingsPanel>
    </div>
  );
}
