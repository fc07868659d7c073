import { useSignal } from "@preact/signals";
import { t } from "../../i18n";
import type { Server } from "../../api/types";
import { Button, LinkButton } from "../../parts/button";
import { Empty, Skeleton } from "../../parts/empty";
import { ProblemNotice } from "../../parts/notice";
import { Page } from "../../parts/page";
import { act } from "../../parts/toast";
import { load_more_servers, load_servers, next_servers, server_list, servers_load } from "../../shell/live";
import { HostNotices } from "../server/host-notices";
import { ServerDialogs } from "../server/server-dialogs";
import { filters, matches, type ServerFilter } from "./filter";
import { ServerTable } from "./server-table";
import { Toolbar } from "./toolbar";
import "./servers.css";

function List({ all }: { all: readonly Server[] }) {
  const search = useSignal("");
  const filter = useSignal<ServerFilter>("all");
  const shown = all.filter((server) => filters[filter.value](server) && matches(server, search.value));
  const clear = () => {
    search.value = "";
    filter.value = "all";
  };
  return (
    <div class="panel">
      <Toolbar search={search} filter={filter} shown={shown.length} total={all.length} />
      {shown.length > 0 ? (
        <ServerTable servers={shown} />
      ) : (
        <Empty icon="search" title={t("servers.none_match")}>
          <Button onClick={clear}>{t("servers.clear_search")}</Button>
        </Empty>
      )}
      {next_servers.value !== undefined && (
        <div class="servers-more">
          <Button onClick={() => void act(load_more_servers)}>{t("action.load_more")}</Button>
        </div>
      )}
    </div>
  );
}

function Content() {
  const load = servers_load.value;
  const all = server_list.value;
  if (all.length > 0) return <List all={all} />;
  if (load === "loading")
    return (
      <div class="panel">
        <Skeleton lines={6} label={t("live.loading")} />
      </div>
    );
  if (load !== "ready") return <ProblemNotice problem={load} retry={() => void load_servers()} />;
  return (
    <div class="panel">
      <Empty icon="servers" title={t("servers.empty.title")} text={t("servers.empty.text")}>
        <LinkButton tone="primary" icon="plus" href="/servers/new">
          {t("servers.new")}
        </LinkButton>
      </Empty>
    </div>
  );
}

export function ServersPage() {
  return (
    <Page
      title={t("servers.title")}
      actions={
        server_list.value.length > 0 && (
          <LinkButton tone="primary" icon="plus" href="/servers/new">
            {t("servers.new")}
          </LinkButton>
        )
      }
    >
      <HostNotices />
      <Content />
      <ServerDialogs />
    </Page>
  );
}
