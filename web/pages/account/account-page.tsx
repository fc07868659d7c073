import { useMemo } from "preact/hooks";
import { api } from "../../api/client";
import type { Session } from "../../api/types";
import { t } from "../../i18n";
import { date } from "../../i18n/format";
import { Button } from "../../parts/button";
import { Empty, Skeleton } from "../../parts/empty";
import { PasswordField } from "../../parts/field";
import { Form } from "../../parts/form";
import { Icon } from "../../parts/icon";
import { useLoad, type Load } from "../../parts/load";
import { ProblemNotice } from "../../parts/notice";
import { Page } from "../../parts/page";
import { password_length_min } from "../../parts/password-level";
import { PasswordMeter } from "../../parts/password-meter";
import { RelativeTime } from "../../parts/relative-time";
import { act, toast } from "../../parts/toast";
import { session, sign_out } from "../../shell/session";
import { browser_of } from "./user-agent";
import "./account.css";

type Fields = "current_password" | "new_password";

const no_passwords = { current_password: "", new_password: "" };

function check(values: Record<Fields, string>) {
  return {
    ...(values.current_password === "" ? { current_password: t("field.required") } : {}),
    ...(values.new_password.length < password_length_min ? { new_password: t("field.too_short", { n: password_length_min }) } : {}),
  };
}

function PasswordPanel({ name, changed }: { name: string; changed: () => void }) {
  const form = useMemo(() => new Form<Fields>(no_passwords, check), []);
  const submit = async () => {
    if (!(await form.submit((values) => api.put("/me/password", { body: values })))) return;
    form.values.value = no_passwords;
    toast("good", t("account.password.done"));
    changed();
  };
  return (
    <section class="panel">
      <header>
        <h2>{t("account.password")}</h2>
      </header>
      <form
        class="panel-body stack account-form"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {form.problem.value && <ProblemNotice problem={form.problem.value} />}
        <input type="text" class="visually-hidden" tabIndex={-1} aria-hidden="true" autocomplete="username" value={name} readOnly />
        <PasswordField form={form} name="current_password" label={t("account.password.current")} autocomplete="current-password" />
        <PasswordField form={form} name="new_password" label={t("account.password.new")} autocomplete="new-password" after={<PasswordMeter password={form.value("new_password")} />} />
        <p class="muted small">{t("account.password.note")}</p>
        <div>
          <Button tone="primary" type="submit" busy={form.busy.value}>{t("account.password.change")}</Button>
        </div>
      </form>
    </section>
  );
}

function program(one: Session): string {
  const known = browser_of(one.user_agent);
  return known ? t("account.session.browser", known) : t("account.session.other");
}

function SessionRow({ one, ended }: { one: Session; ended: () => void }) {
  const end = async () => {
    if (one.current) return act(sign_out);
    await act(async () => {
      await api.delete("/sessions/{session}", { path: { session: one.id } });
      toast("good", t("account.session.ended"));
    });
    ended();
  };
  return (
    <li class="session">
      <Icon name="screen" size={18} />
      <div class="grow">
        <p class="session-name" title={one.user_agent}>
          {program(one)} {one.current && <span class="badge badge-good">{t("account.session.current")}</span>}
        </p>
        <p class="muted small">
          <span class="mono">{one.address}</span>, <RelativeTime at={one.last_seen_at} />
        </p>
      </div>
      <Button small onClick={() => void end()}>
        {t("account.session.end")}
        <span class="visually-hidden">: {program(one)}, {one.address}</span>
      </Button>
    </li>
  );
}

function SessionsPanel({ load }: { load: Load<{ items: Session[] }> }) {
  const now = load.now.value;
  return (
    <section class="panel">
      <header>
        <h2>{t("account.sessions")}</h2>
        <p class="muted small">{t("account.sessions.text")}</p>
      </header>
      {now.state === "loading" && <Skeleton lines={3} label={t("live.loading")} />}
      {now.state === "problem" && (
        <div class="panel-body">
          <ProblemNotice problem={now.problem} retry={() => void load.again()} />
        </div>
      )}
      {now.state === "ready" && now.value.items.length === 0 && <Empty icon="screen" title={t("account.sessions.empty")} />}
      {now.state === "ready" && (
        <ul class="sessions">
          {now.value.items.map((one) => (
            <SessionRow key={one.id} one={one} ended={() => void load.again()} />
          ))}
        </ul>
      )}
    </section>
  );
}

export function AccountPage() {
  const load = useLoad((signal) => api.get("/sessions", { signal }));
  const now = session.value;
  const user = now.status === "in" ? now.user : undefined;
  return (
    <Page title={t("account.title")}>
      {user && (
        <p class="account-who">
          <strong>{user.name}</strong>
          {user.email && <span>{user.email}</span>}
          <span class="muted">{t(`account.role.${user.role}`)}</span>
          <span class="muted">{t("account.since", { date: date(user.created_at) })}</span>
        </p>
      )}
      <div class="account">
        <PasswordPanel name={user?.name ?? ""} changed={() => void load.again()} />
        <SessionsPanel load={load} />
      </div>
    </Page>
  );
}
