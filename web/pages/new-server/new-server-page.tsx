import { Page } from "../../parts/page";
import { t } from "../../i18n";

export function NewServerPage() {
  return <Page title={t("servers.title")}>{null}</Page>;
}
