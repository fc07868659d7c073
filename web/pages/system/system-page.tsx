// The door to the machine's own pages: for administrators, and fetched when somebody opens it.
import { useSignal } from "@preact/signals";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import { Button, LinkButton } from "../../parts/button";
import { Empty, Skeleton } from "../../parts/empty";
import { Notice } from "../../parts/notice";
import { Page } from "../../parts/page";
import { is_administrator } from "../../shell/session";

export type Section = "overview" | "updates" | "network" | "time" | "ssh" | "support";
type View = ComponentType<{ section: Section }>;

let loaded: View | undefined;

export function SystemPage({ section }: { section: Section }) {
  const view = useSignal<View | "failed" | undefined>(loaded);
  const allowed = is_administrator();
  const load = () => {
    import("./sections").then(
      ({ Sections }) => {
        loaded = Sections;
        view.value = Sections;
      },
      () => (view.value = "failed"),
    );
  };
  useEffect(() => {
    if (allowed && !loaded) load();
  }, [allowed]);
  if (!allowed)
    return (
      <Page title={t("system.title")}>
        <Empty icon="chip" title={t("system.forbidden.title")} text={t("system.forbidden.text")}>
          <LinkButton href="/servers">{t("nav.back_to_servers")}</LinkButton>
        </Empty>
      </Page>
    );
  const Show = view.value;
  if (Show && Show !== "failed") return <Show section={section} />;
  return (
    <Page title={t("system.title")}>
      {Show === "failed" ? (
        <Notice tone="bad" alert action={<Button small onClick={load}>{t("action.retry")}</Button>}>{t("system.load_failed")}</Notice>
      ) : (
        <div class="panel">
          <Skeleton lines={6} label={t("live.loading")} />
        </div>
      )}
    </Page>
  );
}
