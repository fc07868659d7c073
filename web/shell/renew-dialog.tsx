// The session ended while a page was open: sign in over it, then the page goes on.
import { useMemo } from "preact/hooks";
import { t } from "../i18n";
import { Button } from "../parts/button";
import { Dialog } from "../parts/dialog";
import { PasswordField } from "../parts/field";
import { Form } from "../parts/form";
import { ProblemNotice } from "../parts/notice";
import { abandon_session, renewal, sign_in } from "./session";

function RenewForm({ name, done }: { name: string; done: (renewed: boolean) => void }) {
  const form = useMemo(() => new Form<"password">({ password: "" }, ({ password }) => (password === "" ? { password: t("field.required") } : {})), []);
  const submit = async () => {
    if (await form.submit(({ password }) => sign_in(name, password))) done(true);
  };
  return (
    <Dialog title={t("signin.again.title")} onClose={abandon_session}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        <p class="muted">{t("signin.again.text")}</p>
        {form.problem.value && <ProblemNotice problem={form.problem.value} />}
        <input type="text" class="visually-hidden" tabIndex={-1} aria-hidden="true" autocomplete="username" value={name} readOnly />
        <PasswordField form={form} name="password" label={t("signin.password")} autofocus />
        <div class="dialog-actions">
          <Button tone="quiet" onClick={abandon_session}>{t("signin.elsewhere")}</Button>
          <Button tone="primary" type="submit" busy={form.busy.value}>{t("signin.submit")}</Button>
        </div>
      </form>
    </Dialog>
  );
}

export function RenewDialog() {
  const now = renewal.value;
  return now ? <RenewForm name={now.name} done={now.done} /> : null;
}
