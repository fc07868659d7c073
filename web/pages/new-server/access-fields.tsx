import { useSignal, type Signal } from "@preact/signals";
import type { Image, PeerGroup, ServerKind } from "../../api/types";
import { t } from "../../i18n";
import { Button } from "../../parts/button";
import { CopyField } from "../../parts/copy-field";
import { PasswordField, TextArea, TextField } from "../../parts/field";
import type { Form } from "../../parts/form";
import { Notice } from "../../parts/notice";
import { hostname_from, make_password, type WishField } from "./wish";

const key_example = "ssh-ed25519 AAAA\u2026 ada@laptop";

// The hostname follows the name until the user writes one of their own.
function follow_name(form: Form<WishField>, name: string): void {
  const before = form.values.peek();
  if (before.hostname === hostname_from(before.name)) form.set("hostname", hostname_from(name));
  form.set("name", name);
}

function PasswordPart({ form, image }: { form: Form<WishField>; image: Image | undefined }) {
  const made = useSignal("");
  const generate = () => {
    made.value = make_password();
    form.set("password", made.value);
  };
  return (
    <PasswordField
      form={form}
      name="password"
      label={t("new.password")}
      optional
      autocomplete="new-password"
      hint={image?.login ? t("new.password.hint", { login: image.login }) : t("new.password.hint_plain")}
      beside={<Button icon="key" onClick={generate}>{t("new.password.generate")}</Button>}
      after={made.value !== "" && form.value("password") === made.value && <CopyField text={made.value} what={t("new.password")} />}
    />
  );
}

function SignInFields({ form, image }: { form: Form<WishField>; image: Image | undefined }) {
  const open = form.value("ssh_keys").trim() === "" && form.value("password") === "";
  return (
    <>
      <div class="access-wide">
        <TextArea form={form} name="ssh_keys" label={t("new.keys")} hint={t("new.keys.hint")} placeholder={key_example} optional />
      </div>
      <div class="access-wide">
        <PasswordPart form={form} image={image} />
      </div>
      {open && (
        <div class="access-wide">
          <Notice tone="warning">{t("new.access.warning")}</Notice>
        </div>
      )}
    </>
  );
}

interface AccessProps {
  readonly form: Form<WishField>;
  readonly kind: ServerKind;
  readonly image: Image | undefined;
  readonly start: Signal<boolean>;
  readonly groups: readonly PeerGroup[];
}

export function AccessFields({ form, kind, image, start, groups }: AccessProps) {
  return (
    <fieldset class="choices">
      <legend>{t("new.details")}</legend>
      <div class="access">
        <TextField form={form} name="name" label={t("new.name")} hint={t("new.name.hint")} onValue={(name) => follow_name(form, name)} />
        <TextField form={form} name="hostname" label={t("new.hostname")} hint={t("new.hostname.hint")} mono />
        {kind === "vm" ? (
          <SignInFields form={form} image={image} />
        ) : (
          <div class="access-wide">
            <Notice tone="info">{t("new.access.container")}</Notice>
          </div>
        )}
        <div class="access-wide">
          <TextField form={form} name="peer_group" label={t("server.network.group")} hint={t("new.group.hint")} suggestions={groups.map((group) => group.name)} optional />
        </div>
        <label class="check access-wide">
          <input type="checkbox" checked={start.value} onChange={(event) => (start.value = event.currentTarget.checked)} />
          <span>{t("new.start")}</span>
        </label>
      </div>
    </fieldset>
  );
}
