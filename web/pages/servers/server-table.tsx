import type { PowerAct, Server } from "../../api/types";
import { t } from "../../i18n";
import { bytes } from "../../i18n/format";
import { IconButton } from "../../parts/button";
import { CopyField } from "../../parts/copy-field";
import { Icon } from "../../parts/icon";
import { Menu, MenuItem } from "../../parts/menu";
import { StateBadge } from "../../parts/state-badge";
import { jobs } from "../../shell/live";
import { go } from "../../shell/router";
import { power_acts, power_icons } from "../server/power";
import { ask_delete, ask_power } from "../server/server-dialogs";

function RowActions({ server }: { server: Server }) {
  const acts = power_acts(server);
  const first: PowerAct | undefined = acts[0];
  const idle = server.job === undefined;
  return (
    <div class="row-actions">
      {first && idle && (
        <IconButton small icon={power_icons[first]} label={`${t(`power.${first}`)}: ${server.name}`} onClick={() => ask_power(server, first)} />
      )}
      <Menu small label={t("action.more", { name: server.name })} trigger={<Icon name="more" />}>
        <MenuItem icon="terminal" onSelect={() => go(`/servers/${server.id}/console`)}>{t("server.tab.console")}</MenuItem>
        {acts.map((act) => (
          <MenuItem key={act} icon={power_icons[act]} onSelect={() => ask_power(server, act)}>{t(`power.${act}`)}</MenuItem>
        ))}
        {!(server.state === "deleting" && !idle) && (
          <MenuItem icon="trash" danger onSelect={() => ask_delete(server)}>{t("server.delete")}</MenuItem>
        )}
      </Menu>
    </div>
  );
}

function Row({ server }: { server: Server }) {
  const job = server.job ? jobs.value.get(server.job) : undefined;
  return (
    <tr>
      <th scope="row" class="cell-name">
        <div class="cell-line">
          <Icon name={server.kind} class="cell-kind" />
          <span>
            <a href={`/servers/${server.id}`} class="cell-link">{server.name}</a>
            {server.hostname !== server.name && <span class="cell-sub">{server.hostname}</span>}
          </span>
        </div>
      </th>
      <td class="cell-state">
        <StateBadge state={server.state} />
        {job && job.state === "running" && <span class="cell-sub">{t("unit.percent", { n: job.progress })}</span>}
        {server.state_reason && <span class="cell-sub">{server.state_reason}</span>}
      </td>
      <td class="cell-image">
        {server.image.title}
        <span class="cell-sub">{t(`kind.${server.kind}.short`)}</span>
      </td>
      <td class="cell-size">
        {server.plan.name}
        <span class="cell-sub">
          {t("unit.vcpus", { n: server.vcpus })}, {bytes(server.memory_bytes)}
        </span>
      </td>
      <td class="cell-address">
        {server.address ? <CopyField text={server.address} what={t("server.fact.address")} /> : <span class="muted">{t("servers.no_address")}</span>}
      </td>
      <td class="cell-actions">
        <RowActions server={server} />
      </td>
    </tr>
  );
}

export function ServerTable({ servers }: { servers: readonly Server[] }) {
  return (
    <table class="table servers-table" aria-label={t("servers.title")}>
      <thead>
        <tr>
          <th scope="col">{t("servers.column.name")}</th>
          <th scope="col">{t("servers.column.state")}</th>
          <th scope="col">{t("servers.column.image")}</th>
          <th scope="col">{t("servers.column.size")}</th>
          <th scope="col">{t("servers.column.address")}</th>
          <th scope="col">
            <span class="visually-hidden">{t("servers.column.actions")}</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {servers.map((server) => (
          <Row key={server.id} server={server} />
        ))}
      </tbody>
    </table>
  );
}
