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

// The keys of the list stand one a line. What is being typed to be added to it belongs to a form of its own.
type Fields = "enabled" | "keys";

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

export function SshSection({ now }: { now: Machine }) {
  const kept = { enabled: now.ssh.enabled ? "yes" : "", keys: now.ssh.keys.join("\n") };
  const form = useMemo(
    () => new Form<Fields>(kept, (values) => (values.enabled === "yes" && values.keys === "" ? { keys: t("rule.no_ssh_key") } : {})),
    [],
  );
  const fresh = useMemo(() => new Form<"key">({ key: "" }, ({ key }) => ({ ...(problem_of_new(key) ? { key: problem_of_new(key) ?? "" } : {}) })), []);
  const add = () =>
    fresh.submit(({ key }) => {
      form.set("keys", [...new Set([...lines(form.value("keys")), ...lines(key)])].join("\n"));
      fresh.reset({ key: "" });
      return Promise.resolve();
    });
  const save = async (values: Readonly<Record<Fields, string>>) => api.put("/machine/ssh", { body: { enabled: values.enabled === "yes", keys: lines(values.keys) } });
  return (
    <div class="stack">
      <SectionJob types={["set-ssh"]} />
      <SettingsPanel title={t("system.ssh")} lead={t("system.ssh.lead")} form={form} kept={kept} job="set-ssh" save={save}>
        <CheckField form={form} name="enabled" label={t("system.ssh.enabled")} hint={t("system.ssh.hint")} />
        <Keys form={form} />
        <TextArea form={fresh} name="key" label={t("system.ssh.add")} hint={t("new.keys.hint")} />
        <div>
          <Button icon="plus" disabled={fresh.value("key").trim() === ""} onClick={() => void add()}>{t("system.ssh.add.button")}</Button>
        </div>
      </SettingsPanel>
    </div>
  );
}
