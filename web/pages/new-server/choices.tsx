import type { Image, Plan, ServerKind } from "../../api/types";
import { t } from "../../i18n";
import { bytes } from "../../i18n/format";
import { Choice, ChoiceGroup } from "../../parts/choice";
import type { Form } from "../../parts/form";
import { Notice } from "../../parts/notice";
import { machine } from "../../shell/live";
import { plan_fit, type WishField } from "./wish";

const kinds = ["vm", "container"] as const;

export function KindChoice({ kind, onChoose }: { kind: ServerKind; onChoose: (kind: ServerKind) => void }) {
  return (
    <ChoiceGroup legend={t("new.kind")} id="new-kind" columns="wide">
      {kinds.map((one) => (
        <Choice key={one} name="kind" value={one} icon={one} checked={kind === one} onChoose={() => onChoose(one)} title={t(`kind.${one}`)}>
          {t(`kind.${one}.text`)}
        </Choice>
      ))}
    </ChoiceGroup>
  );
}

function image_blocked(image: Image): string | undefined {
  if (image.state === "importing") return t("new.image.importing");
  return image.state === "failed" ? t("new.image.failed") : undefined;
}

export function ImageChoice({ form, images }: { form: Form<WishField>; images: readonly Image[] }) {
  if (images.length === 0) return <Notice tone="info">{t("new.image.none")}</Notice>;
  return (
    <ChoiceGroup legend={t("new.image")} id={form.id("image")} error={form.errors.value.image}>
      {images.map((image) => (
        <Choice
          key={image.id}
          name="image"
          value={image.id}
          checked={form.value("image") === image.id}
          onChoose={() => form.set("image", image.id)}
          title={image.title}
          blocked={image_blocked(image)}
        >
          {t("new.image.size", { size: bytes(image.size_bytes), disk: bytes(image.min_disk_bytes) })}
        </Choice>
      ))}
    </ChoiceGroup>
  );
}

export function PlanChoice({ form, plans, image }: { form: Form<WishField>; plans: readonly Plan[]; image: Image | undefined }) {
  if (plans.length === 0) return <Notice tone="info">{t("new.plan.none")}</Notice>;
  return (
    <ChoiceGroup legend={t("new.plan")} id={form.id("plan")} columns="tight" error={form.errors.value.plan}>
      {plans.map((plan) => (
        <Choice
          key={plan.id}
          name="plan"
          value={plan.id}
          checked={form.value("plan") === plan.id}
          onChoose={() => form.set("plan", plan.id)}
          title={plan.name}
          {...plan_fit(plan, image, machine.value)}
        >
          <span class="plan-figures">
            <span>{t("unit.vcpus", { n: plan.vcpus })}</span>
            <span>{t("new.plan.memory", { size: bytes(plan.memory_bytes) })}</span>
            <span>{t("new.plan.disk", { size: bytes(plan.disk_bytes) })}</span>
          </span>
        </Choice>
      ))}
    </ChoiceGroup>
  );
}
