import { useEffect, useMemo } from "preact/hooks";
import { t } from "../../i18n";
import { Button } from "../../parts/button";
import { PasswordField, TextField } from "../../parts/field";
import { Form } from "../../parts/form";
import { Gate } from "../../parts/gate";
import { ProblemNotice } from "../../parts/notice";
import { password_length_min } from "../../parts/password-level";
import { PasswordMeter } from "../../parts/password-meter";
import { toast } from "../../parts/toast";
import { choose_language, chosen_language } from "../../shell/preferences";
import { product, set_up } from "../../shell/session";

type Fields = "code" | "name" | "email" | "password";

function check(values: Record<Fields, string>) {
  const needed = (["code", "name", "password"] as const).filter((name) => values[name].trim() === "");
  return {
    ...Object.fromEntries(needed.map((name) => [name, t("field.required")])),
    ...(values.password !== "" && values.password.length < password_length_min ? { password: t("field.too_short", { n: password_length_min }) } : {}),
  };
}

// The link that `./dev run` and the console print carries the code behind '#', where no server log sees it.
function code_from_address(): string {
  return new URLSearchParams(location.hash.slice(1)).get("code") ?? "";
}

export function SetupPage() {
  const given = useMemo(code_from_address, []);
  const form = useMemo(() => new Form<Fields>({ code: given, name: "", email: "", password: "" }, check), []);
  useEffect(() => {
    if (given) history.replaceState(null, "", location.pathname + location.search);
  }, []);
  const submit = async () => {
    const done = await form.submit(({ code, name, email, password }) =>
      set_up({ code: code.trim(), name: name.trim(), password, ...(email.trim() ? { email: email.trim() } : {}), ...chosen_language() }),
    );
    if (done) toast("good", t("setup.done"));
  };
  return (
    <Gate title={t("setup.title")} lead={t("setup.lead")} version={product.value?.version} onLanguage={(code) => void choose_language(code)}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void submit();
        }}
      >
        {form.problem.value && <ProblemNotice problem={form.problem.value} />}
        <TextField form={form} name="code" label={t("setup.code")} hint={t(given ? "setup.code.prefilled" : "setup.code.hint")} mono autofocus={!given} />
        <TextField form={form} name="name" label={t("setup.name")} hint={t("setup.name.hint")} autocomplete="username" autofocus={given !== ""} />
        <TextField form={form} name="email" type="email" label={t("setup.email")} autocomplete="email" optional />
        <PasswordField
          form={form}
          name="password"
          label={t("setup.password")}
          hint={t("setup.password.hint", { n: password_length_min })}
          autocomplete="new-password"
          after={<PasswordMeter password={form.value("password")} />}
        />
        <Button tone="primary" type="submit" busy={form.busy.value}>
          {t("setup.submit")}
        </Button>
      </form>
    </Gate>
  );
}
