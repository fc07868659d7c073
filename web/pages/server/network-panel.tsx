// Where the server is reached, what went through its interface, and which other servers it may talk to.
import { useSignal } from "@preact/signals";
import { api } from "../../api/client";
import type { PeerGroup, Server } from "../../api/types";
import { t } from "../../i18n";
import { bytes, bytes_per_second } from "../../i18n/format";
import { Button } from "../../parts/button";
import { CopyField } from "../../parts/copy-field";
import { useLoad } from "../../parts/load";
import { servers } from "../../shell/live";
import { PeerGroupDialog } from "./peer-group-dialog";
import { rates } from "./rates";
import "./network.css";

// Changes whenever somebody joins, leaves or is renamed: then the members are read again.
function members_key(server: Server): string {
  const same = [...servers.value.values()].filter((one) => one.peer_group === server.peer_group && one.id !== server.id);
  return JSON.stringify([server.id, server.peer_group, same.map((one) => [one.id, one.name])]);
}

function Traffic({ total, rate }: { total: number; rate: number | undefined }) {
  return (
    <dd>
      {bytes(total)}
      {rate !== undefined && <span class="muted"> {bytes_per_second(rate)}</span>}
    </dd>
  );
}

function Peers({ server, groups }: { server: Server; groups: readonly PeerGroup[] | undefined }) {
  if (server.peer_group === undefined) return <span>{t("server.network.nobody")}</span>;
  const members = groups?.find((group) => group.name === server.peer_group)?.members ?? [];
  const peers = members.filter((member) => member.id !== server.id);
  return (
    <>
      <span class="peer-group">{server.peer_group}</span>
      {groups && peers.length === 0 && <span class="muted">{t("server.network.alone")}</span>}
      {peers.length > 0 && (
        <ul class="peers" aria-label={t("server.network.peers")}>
          {peers.map((peer) => (
            <li key={peer.id}>
              <a href={`/servers/${peer.id}`}>{peer.name}</a> {peer.address && <span class="muted mono">{peer.address}</span>}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

export function NetworkPanel({ server }: { server: Server }) {
  const changing = useSignal(false);
  const load = useLoad((signal) => api.get("/servers/{server}/peer-groups", { path: { server: server.id }, signal }), members_key(server));
  const groups = load.now.value.state === "ready" ? load.now.value.value.items : undefined;
  const rate = rates.value.get(server.id);
  const { usage } = server;
  return (
    <section class="panel">
      <header>
        <h2 class="grow">{t("server.network")}</h2>
        {server.state !== "deleting" && (
          <Button small icon="pencil" onClick={() => (changing.value = true)}>{t("server.network.change")}</Button>
        )}
      </header>
      <dl class="facts panel-body">
        <dt>{t("server.fact.address")}</dt>
        <dd>{server.address ? <CopyField text={server.address} what={t("server.fact.address")} /> : t("servers.no_address")}</dd>
        <dt>{t("server.fact.mac")}</dt>
        <dd>
          <CopyField text={server.mac} what={t("server.fact.mac")} />
        </dd>
        {usage && (
          <>
            <dt>{t("server.usage.received")}</dt>
            <Traffic total={usage.rx_bytes} rate={rate?.rx_per_s} />
            <dt>{t("server.usage.sent")}</dt>
            <Traffic total={usage.tx_bytes} rate={rate?.tx_per_s} />
          </>
        )}
        <dt>{t("server.network.reach")}</dt>
        <dd>
          <Peers server={server} groups={groups} />
        </dd>
      </dl>
      {changing.value && <PeerGroupDialog server={server} groups={groups ?? []} onClose={() => (changing.value = false)} />}
    </section>
  );
}
