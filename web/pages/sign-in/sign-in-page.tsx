import { useMemo } from "preact/hooks";
import { t } from "../../i18n";
import { Button } from "../../parts/button";
import { PasswordField, TextField } from "../../parts/field";
import { Form } from "../../parts/form";
import { Gate } from "../../parts/gate";
import { ProblemNotice } from "../../parts/notice";
import { choose_language } from "../../shell/preferences";
import { product, sign_in } from "../../shell/session";

type Fields = "name" | "password";
const check = (values: Record<Fields, string>) => ({
  ...(values.name.trim() === "" ? { name: t("field.required") } : {}),
  ...(values.password === "" ? { password: t("field.required") } : {}),
});
const reset_command = "berth admin reset-password";

export function SignInPage() {
  const form = useMemo(() => new Form<Fields>({ name: "", password: "" }, check), []);
  return (
    <Gate title={t("signin.title")} lead={t("signin.lead")} version={product.value?.version} onLanguage={(code) => void choose_language(code)}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void form.submit(({ name, password }) => sign_in(name.trim(), password));
        }}
      >
        {form.problem.value && <ProblemNotice problem={form.problem.value} />}
        <TextField form={form} name="name" label={t("signin.name")} autocomplete="username" autofocus />
        <PasswordField form={form} name="password" label={t("signin.password")} autocomplete="current-password" />
        <Button tone="primary" type="submit" busy={form.busy.value}>
          {t("signin.submit")}
        </Button>
        <p class="muted small">{t("signin.forgotten", { command: reset_command })}</p>
      </form>
    </Gate>
  );
}
