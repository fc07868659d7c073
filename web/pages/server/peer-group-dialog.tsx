import { useMemo } from "preact/hooks";
import { api } from "../../api/client";
import { Problem } from "../../api/problem";
import type { PeerGroup, Server } from "../../api/types";
import { t } from "../../i18n";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { TextField } from "../../parts/field";
import { Form } from "../../parts/form";
import { useLoad } from "../../parts/load";
import { Notice, ProblemNotice } from "../../parts/notice";
import { toast } from "../../parts/toast";
import { keep_job, keep_server } from "../../shell/live";

const name_length_max = 63;
const check = ({ peer_group }: { peer_group: string }) =>
  peer_group.trim().length > name_length_max ? { peer_group: t("field.too_long", { n: name_length_max }) } : {};

// What saving would mean, while the user still types.
function outcome(server: Server, groups: readonly PeerGroup[], wanted: string): string {
  if (wanted === "") return t("server.network.outcome.none");
  const peers = groups.find((group) => group.name === wanted)?.members.filter((member) => member.id !== server.id) ?? [];
  if (peers.length > 0) return t("server.network.outcome.peers", { names: peers.map((peer) => peer.name).join(", ") });
  return t(wanted === server.peer_group ? "server.network.alone" : "server.network.outcome.fresh");
}

interface DialogProps {
  readonly server: Server;
  readonly groups: readonly PeerGroup[];
  readonly onClose: () => void;
}

export function PeerGroupDialog({ server, groups, onClose }: DialogProps) {
  const form = useMemo(() => new Form<"peer_group">({ peer_group: server.peer_group ?? "" }, check), []);
  // The ETag of what the user sees: somebody else's change in between is not overwritten.
  const seen = useLoad((signal) => api.read("/servers/{server}", { path: { server: server.id }, signal }));
  const now = seen.now.value;
  const wanted = form.value("peer_group").trim();
  const save = async () => {
    if (now.state !== "ready") return;
    const done = await form.submit(async () => {
      try {
        const answer = await api.patch("/servers/{server}", { path: { server: server.id }, body: { peer_group: wanted === "" ? null : wanted }, ...(now.value.etag ? { if_match: now.value.etag } : {}) });
        if ("id" in answer) return keep_server(answer);
        if (answer.server) keep_server(answer.server);
        keep_job(answer.job);
      } catch (error) {
        if (error instanceof Problem && error.status === 412) await seen.again();
        throw error;
      }
    });
    if (!done) return;
    toast("info", t("server.network.changing", { name: server.name }));
    onClose();
  };
  const problem = form.problem.value;
  return (
    <Dialog title={t("server.network.title")} onClose={onClose}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {now.state === "problem" && <ProblemNotice problem={now.problem} retry={() => void seen.again()} />}
        {problem?.status === 412 ? <Notice tone="warning" alert>{t("server.network.stale")}</Notice> : problem && <ProblemNotice problem={problem} />}
        <p class="small muted">{t("server.network.text")}</p>
        <TextField form={form} name="peer_group" label={t("server.network.group")} hint={t("server.network.group.hint")} suggestions={groups.map((group) => group.name)} optional autofocus />
        <p class="small" aria-live="polite">{outcome(server, groups, wanted)}</p>
        <div class="dialog-actions">
          <Button tone="quiet" onClick={onClose}>{t("action.cancel")}</Button>
          <Button tone="primary" type="submit" busy={form.busy.value || now.state === "loading"}>{t("action.save")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
