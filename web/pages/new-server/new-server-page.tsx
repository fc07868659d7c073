import { useComputed, useSignal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { api, new_idempotency_key } from "../../api/client";
import { as_problem } from "../../api/problem";
import type { Image, PeerGroup, Plan, ServerKind } from "../../api/types";
import { t } from "../../i18n";
import { Skeleton } from "../../parts/empty";
import { Form } from "../../parts/form";
import { useLoad } from "../../parts/load";
import { ProblemNotice } from "../../parts/notice";
import { Page } from "../../parts/page";
import { toast } from "../../parts/toast";
import { keep_job, keep_server } from "../../shell/live";
import { go } from "../../shell/router";
import { HostNotices } from "../server/host-notices";
import { AccessFields } from "./access-fields";
import { ImageChoice, KindChoice, PlanChoice } from "./choices";
import { Summary } from "./summary";
import { useDryRun } from "./dry-run";
import { check_wish, drop_draft, keep_draft, read_draft, request_of, type Wish, type WishField } from "./wish";
import "./new-server.css";

// One key for one wish. A wish whose answer was lost is repeated under the same key; a refused one is a new wish.
class Attempt {
  private key = new_idempotency_key();
  private body = "";

  async create(wish: Wish, kind: ServerKind, start: boolean): Promise<void> {
    const request = request_of(wish, kind, start);
    const body = JSON.stringify(request);
    if (body !== this.body) this.key = new_idempotency_key();
    this.body = body;
    try {
      const answer = await api.post("/servers", { body: request, idempotency_key: this.key });
      if (!("job" in answer) || !answer.server) return;
      keep_server(answer.server);
      keep_job(answer.job);
      drop_draft();
      toast("info", t("new.creating", { name: answer.server.name }));
      go(`/servers/${answer.server.id}`);
    } catch (error) {
      const { status } = as_problem(error);
      if (status !== 0 && status < 500) this.body = "";
      throw error;
    }
  }
}

interface Shelf {
  readonly images: readonly Image[];
  readonly plans: readonly Plan[];
  readonly groups: readonly PeerGroup[];
}

function Wizard({ images, plans, groups }: Shelf) {
  const draft = useMemo(read_draft, []);
  const kind = useSignal<ServerKind>(draft.kind);
  const start = useSignal(true);
  const form = useMemo(() => new Form<WishField>(draft.wish, (wish) => check_wish(wish, kind.peek())), []);
  const attempt = useMemo(() => new Attempt(), []);
  const image = useComputed(() => images.find((one) => one.id === form.values.value.image));
  const plan = useComputed(() => plans.find((one) => one.id === form.values.value.plan));
  const checking = useDryRun(form, kind, start);
  useEffect(() => form.values.subscribe((wish) => keep_draft({ kind: kind.value, wish })), []);
  const choose_kind = (wanted: ServerKind) => {
    if (wanted === kind.value) return;
    kind.value = wanted;
    form.set("image", "");
    if (plan.value?.kind && plan.value.kind !== wanted) form.set("plan", "");
  };
  return (
    <form
      class="new-server"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void form.submit((wish) => attempt.create(wish, kind.value, start.value));
      }}
    >
      <div class="new-server-steps">
        <HostNotices kind={kind.value} />
        <KindChoice kind={kind.value} onChoose={choose_kind} />
        <ImageChoice form={form} images={images.filter((one) => one.kind === kind.value)} />
        <PlanChoice form={form} plans={plans.filter((one) => one.kind === undefined || one.kind === kind.value)} image={image.value} />
        <AccessFields form={form} kind={kind.value} image={image.value} start={start} groups={groups} />
      </div>
      <Summary form={form} kind={kind.value} image={image.value} plan={plan.value} checking={checking.value} />
    </form>
  );
}

// An image that is being imported becomes available while the user looks.
const look_ms = 3000;

export function NewServerPage() {
  const shelf = useLoad(async (signal) => {
    const [images, plans, groups] = await Promise.all([api.get("/images", { signal }), api.get("/plans", { signal }), api.get("/peer-groups", { signal })]);
    return { images: images.items, plans: plans.items, groups: groups.items };
  });
  const now = shelf.now.value;
  const importing = now.state === "ready" && now.value.images.some((image) => image.state === "importing");
  useEffect(() => {
    if (!importing) return undefined;
    const timer = setInterval(() => void shelf.again(), look_ms);
    return () => clearInterval(timer);
  }, [importing]);
  return (
    <Page title={t("new.title")}>
      {now.state === "loading" && (
        <div class="panel">
          <Skeleton lines={8} label={t("live.loading")} />
        </div>
      )}
      {now.state === "problem" && <ProblemNotice problem={now.problem} retry={() => void shelf.again()} />}
      {now.state === "ready" && <Wizard {...now.value} />}
    </Page>
  );
}
