// Which page belongs to the address, for whom.
import { useErrorBoundary } from "preact/hooks";
import type { ComponentChild } from "preact";
import { t } from "../i18n";
import { AccountPage } from "../pages/account/account-page";
import { ActivityPage } from "../pages/activity/activity-page";
import { NewServerPage } from "../pages/new-server/new-server-page";
import { ServerPage } from "../pages/server/server-page";
import { ServersPage } from "../pages/servers/servers-page";
import { SetupPage } from "../pages/setup/setup-page";
import { SignInPage } from "../pages/sign-in/sign-in-page";
import { SystemPage } from "../pages/system/system-page";
import { Button, LinkButton, Spinner } from "../parts/button";
import { Empty } from "../parts/empty";
import { Page } from "../parts/page";
import { ProblemNotice } from "../parts/notice";
import { Toasts } from "../parts/toast";
import { Frame } from "./frame";
import { RenewDialog } from "./renew-dialog";
import { match, type Params } from "./match";
import { go, path, query } from "./router";
import { session, start_session } from "./session";

const routes: readonly (readonly [pattern: string, page: (params: Params) => ComponentChild])[] = [
  ["/servers", () => <ServersPage />],
  ["/servers/new", () => <NewServerPage />],
  ["/servers/:server", ({ server }) => <ServerPage key={server} id={server ?? ""} tab="overview" />],
  ["/servers/:server/console", ({ server }) => <ServerPage key={server} id={server ?? ""} tab="console" />],
  ["/servers/:server/activity", ({ server }) => <ServerPage key={server} id={server ?? ""} tab="activity" />],
  ["/activity", () => <ActivityPage />],
  ["/system", () => <SystemPage section="overview" />],
  ["/system/updates", () => <SystemPage section="updates" />],
  ["/system/network", () => <SystemPage section="network" />],
  ["/system/time", () => <SystemPage section="time" />],
  ["/system/ssh", () => <SystemPage section="ssh" />],
  ["/system/support", () => <SystemPage section="support" />],
  ["/account", () => <AccountPage />],
];

// The addresses before and after somebody has signed in; firmware/app/pages.cpp answers all others with 404.
const doors: readonly string[] = ["/", "/setup", "/sign-in"];

function page_of(address: string): ComponentChild | undefined {
  for (const [pattern, page] of routes) {
    const params = match(pattern, address);
    if (params) return page(params);
  }
  return undefined;
}

function Gone({ to }: { to: "/servers" | "/sign-in" }) {
  return (
    <Page title={t("error.page_gone.title")}>
      <Empty icon="search" text={t("error.page_gone.text")}>
        <LinkButton href={to}>{t(to === "/servers" ? "nav.back_to_servers" : "signin.title")}</LinkButton>
      </Empty>
    </Page>
  );
}

// Only our own pages: "?next=//elsewhere" leads nowhere.
function next_address(): string {
  const next = query.value.get("next") ?? "";
  return /^\/(?!\/|\\)/.test(next) && !next.startsWith("/sign-in") ? next : "/servers";
}

function Content() {
  const now = session.value;
  const at = path.value;
  if (now.status === "starting") return <Starting />;
  if (now.status === "unreachable")
    return (
      <main class="lonely">
        <ProblemNotice problem={now.problem} retry={() => void start_session()} />
      </main>
    );
  if (now.status === "set-up") {
    if (at !== "/setup") queueMicrotask(() => go("/setup" + location.hash, { replace: true }));
    return <SetupPage />;
  }
  const page = page_of(at);
  if (now.status === "out" && !page && !doors.includes(at))
    return (
      <main class="lonely">
        <Gone to="/sign-in" />
      </main>
    );
  if (now.status === "out") {
    if (at !== "/sign-in") {
      const next = at === "/" || at === "/setup" ? "" : `?next=${encodeURIComponent(at)}`;
      queueMicrotask(() => go(`/sign-in${next}`, { replace: true }));
    }
    return <SignInPage />;
  }
  if (at === "/" || at === "/sign-in" || at === "/setup") {
    const to = at === "/sign-in" ? next_address() : "/servers";
    queueMicrotask(() => go(to, { replace: true }));
    return <Starting />;
  }
  return (
    <Frame>
      <Guarded key={at}>{page ?? <Gone to="/servers" />}</Guarded>
    </Frame>
  );
}

function Starting() {
  return (
    <main class="lonely" aria-busy="true">
      <Spinner size={24} />
      <span class="visually-hidden">{t("live.loading")}</span>
    </main>
  );
}

function Guarded({ children }: { children: ComponentChild }) {
  const [error] = useErrorBoundary((cause: unknown) => console.error(cause));
  if (!error) return <>{children}</>;
  return (
    <Page title={t("error.crash.title")}>
      <Empty icon="warning" text={t("error.crash.text")}>
        <Button onClick={() => location.reload()}>{t("error.crash.reload")}</Button>
      </Empty>
    </Page>
  );
}

export function App() {
  return (
    <>
      <Content />
      <RenewDialog />
      <Toasts />
    </>
  );
}
