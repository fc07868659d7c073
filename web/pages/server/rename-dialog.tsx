import { useMemo } from "preact/hooks";
import { api } from "../../api/client";
import { Problem } from "../../api/problem";
import type { Server } from "../../api/types";
import { t } from "../../i18n";
import { Button } from "../../parts/button";
import { Dialog } from "../../parts/dialog";
import { TextField } from "../../parts/field";
import { Form } from "../../parts/form";
import { useLoad } from "../../parts/load";
import { Notice, ProblemNotice } from "../../parts/notice";
import { toast } from "../../parts/toast";
import { keep_server } from "../../shell/live";

const check = ({ name }: { name: string }) => (name.trim() === "" ? { name: t("field.required") } : {});

export function RenameDialog({ server, onClose }: { server: Server; onClose: () => void }) {
  const form = useMemo(() => new Form<"name">({ name: server.name }, check), []);
  // The ETag of what the user sees: somebody else's change in between is not overwritten.
  const seen = useLoad((signal) => api.read("/servers/{server}", { path: { server: server.id }, signal }));
  const now = seen.now.value;
  const save = async () => {
    if (now.state !== "ready") return;
    const done = await form.submit(async ({ name }) => {
      try {
        const answer = await api.patch("/servers/{server}", { path: { server: server.id }, body: { name: name.trim() }, ...(now.value.etag ? { if_match: now.value.etag } : {}) });
        if ("id" in answer) keep_server(answer);
      } catch (error) {
        if (error instanceof Problem && error.status === 412) await seen.again();
        throw error;
      }
    });
    if (!done) return;
    toast("good", t("server.rename.done", { name: form.value("name").trim() }));
    onClose();
  };
  const problem = form.problem.value;
  return (
    <Dialog title={t("server.rename.title")} onClose={onClose}>
      <form
        class="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        {now.state === "problem" && <ProblemNotice problem={now.problem} retry={() => void seen.again()} />}
        {problem?.status === 412 ? <Notice tone="warning" alert>{t("server.rename.changed")}</Notice> : problem && <ProblemNotice problem={problem} />}
        <TextField form={form} name="name" label={t("new.name")} autofocus />
        <div class="dialog-actions">
          <Button tone="quiet" onClick={onClose}>{t("action.cancel")}</Button>
          <Button tone="primary" type="submit" busy={form.busy.value || now.state === "loading"}>{t("action.save")}</Button>
        </div>
      </form>
    </Dialog>
  );
}
