import { useSignal } from "@preact/signals";
import type { ComponentChild } from "preact";
import { api } from "../../api/client";
import type { PowerAct, Server } from "../../api/types";
import { t } from "../../i18n";
import { Button, IconButton, LinkButton } from "../../parts/button";
import { CopyField } from "../../parts/copy-field";
import { Empty, Skeleton } from "../../parts/empty";
import { Icon, type IconName } from "../../parts/icon";
import { useLoad } from "../../parts/load";
import { Menu, MenuItem } from "../../parts/menu";
import { ProblemNotice } from "../../parts/notice";
import { Page } from "../../parts/page";
import { StateBadge } from "../../parts/state-badge";
import { keep_server, servers } from "../../shell/live";
import { ActivityTab } from "./activity-tab";
import { ConsoleTab } from "./console-tab";
import { OverviewTab } from "./overview-tab";
import { power_acts, power_icons } from "./power";
import { RenameDialog } from "./rename-dialog";
import { ask_power, ServerDialogs } from "./server-dialogs";
import "./server.css";

export type ServerTab = "overview" | "console" | "activity";
const tabs: readonly { readonly tab: ServerTab; readonly icon: IconName }[] = [
  { tab: "overview", icon: "servers" },
  { tab: "console", icon: "terminal" },
  { tab: "activity", icon: "activity" },
];

// The usual acts as buttons, the harsh one in the menu.
function PowerButtons({ server }: { server: Server }) {
  const acts = power_acts(server).filter((act) => act !== "power_off");
  const can_cut = power_acts(server).includes("power_off");
  const primary = (act: PowerAct) => act === "start" || act === "resume";
  return (
    <div class="row" role="group" aria-label={t("power.label")}>
      {acts.map((act) => (
        <Button key={act} icon={power_icons[act]} tone={primary(act) ? "primary" : "plain"} onClick={() => ask_power(server, act)}>
          {t(`power.${act}`)}
        </Button>
      ))}
      {can_cut && (
        <Menu small label={t("action.more", { name: server.name })} trigger={<Icon name="more" />}>
          <MenuItem icon="bolt" danger onSelect={() => ask_power(server, "power_off")}>{t("power.power_off")}</MenuItem>
        </Menu>
      )}
    </div>
  );
}

function Heading({ server }: { server: Server }) {
  const renaming = useSignal(false);
  return (
    <>
      <IconButton small icon="pencil" label={t("server.rename")} onClick={() => (renaming.value = true)} />
      <StateBadge state={server.state} />
      {renaming.value && <RenameDialog server={server} onClose={() => (renaming.value = false)} />}
    </>
  );
}

function Tabs({ server, tab }: { server: Server; tab: ServerTab }) {
  return (
    <nav class="tabs" aria-label={t("server.tabs")}>
      {tabs.map((one) => (
        <a key={one.tab} class="tab" href={one.tab === "overview" ? `/servers/${server.id}` : `/servers/${server.id}/${one.tab}`} aria-current={one.tab === tab ? "page" : undefined}>
          <Icon name={one.icon} />
          {t(`server.tab.${one.tab}`)}
        </a>
      ))}
    </nav>
  );
}

const content: Record<ServerTab, (server: Server) => ComponentChild> = {
  overview: (server) => <OverviewTab server={server} />,
  console: (server) => <ConsoleTab server={server} />,
  activity: (server) => <ActivityTab server={server} />,
};

function Gone() {
  return (
    <Page title={t("server.gone.title")}>
      <Empty icon="servers" text={t("server.gone.text")}>
        <LinkButton href="/servers">{t("nav.back_to_servers")}</LinkButton>
      </Empty>
    </Page>
  );
}

function Known({ server, tab }: { server: Server; tab: ServerTab }) {
  return (
    <Page title={server.name} heading={<Heading server={server} />} actions={<PowerButtons server={server} />}>
      <p class="server-line">
        <Icon name={server.kind} size={14} />
        <span>{t(`kind.${server.kind}`)}</span>
        <span>{server.image.title}</span>
        {server.address && <CopyField text={server.address} what={t("server.fact.address")} />}
      </p>
      <Tabs server={server} tab={tab} />
      {content[tab](server)}
      <ServerDialogs />
    </Page>
  );
}

export function ServerPage({ id, tab }: { id: string; tab: ServerTab }) {
  const server = servers.value.get(id);
  const load = useLoad(async (signal) => keep_server(await api.get("/servers/{server}", { path: { server: id }, signal })), id);
  const now = load.now.value;
  if (server) return <Known server={server} tab={tab} />;
  if (now.state === "ready" || (now.state === "problem" && now.problem.status === 404)) return <Gone />;
  return (
    <Page title={t("servers.title")}>
      {now.state === "loading" ? (
        <div class="panel">
          <Skeleton lines={6} label={t("live.loading")} />
        </div>
      ) : (
        <ProblemNotice problem={now.problem} retry={() => void load.again()} />
      )}
    </Page>
  );
}
