import { t } from "../../i18n";
import { Notice } from "../../parts/notice";
import { host } from "../../shell/live";

// What the machine cannot do, said where it matters: with `kind`, also what it means for a server of that kind.
export function HostNotices({ kind }: { kind?: "vm" | "container" }) {
  const now = host.value;
  if (!now) return null;
  return (
    <>
      {!now.engine_ok && <Notice tone="bad">{t("host.engine_down")}</Notice>}
      {now.accelerator === "tcg" && kind === "vm" && <Notice tone="warning">{t("host.tcg")}</Notice>}
    </>
  );
}
