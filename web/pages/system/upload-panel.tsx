// A bundle from this browser to the machine. The upload goes on while somebody looks at another section.
import { signal } from "@preact/signals";
import { as_problem, type Problem } from "../../api/problem";
import type { Machine } from "../../api/types";
import { send_update, type Upload } from "../../api/upload";
import { t } from "../../i18n";
import { bytes } from "../../i18n/format";
import { Button } from "../../parts/button";
import { FieldError } from "../../parts/field";
import { Progress } from "../../parts/meter";
import { ProblemNotice } from "../../parts/notice";
import { follow, release_busy } from "./machine";
import { Locked } from "./settings-panel";

const file_bytes_max = 1024 ** 3;

const file = signal<File | undefined>(undefined);
const under_way = signal<{ readonly upload: Upload; readonly name: string } | undefined>(undefined);
const share = signal(0);
const problem = signal<Problem | undefined>(undefined);

async function send(): Promise<void> {
  const chosen = file.peek();
  if (!chosen || under_way.peek()) return;
  problem.value = undefined;
  share.value = 0;
  const upload = send_update(chosen, (now) => (share.value = now));
  under_way.value = { upload, name: chosen.name };
  try {
    follow(await upload.done);
    file.value = undefined;
  } catch (error) {
    const found = as_problem(error);
    if (found.slug !== "stopped") problem.value = found;
  } finally {
    under_way.value = undefined;
  }
}

function UnderWay({ upload, name }: { upload: Upload; name: string }) {
  const percent = Math.round(share.value * 100);
  return (
    <div class="stack-tight">
      <p>{t("system.upload.sending", { name, n: percent })}</p>
      <Progress label={t("system.upload.progress", { name })} percent={percent} state="running" />
      <div>
        <Button small tone="quiet" onClick={upload.stop}>{t("system.upload.stop")}</Button>
      </div>
    </div>
  );
}

export function UploadPanel({ now }: { now: Machine }) {
  const chosen = file.value;
  const too_large = chosen !== undefined && chosen.size > file_bytes_max;
  return (
    <section class="panel">
      <header>
        <h2>{t("system.upload")}</h2>
        <p class="muted small">{t("system.upload.lead")}</p>
      </header>
      <div class="panel-body">
        <Locked>
          {problem.value && <ProblemNotice problem={problem.value} />}
          {under_way.value ? (
            <UnderWay {...under_way.value} />
          ) : (
            <>
              <div class="field">
                <label for="system-bundle">{t("system.upload.file")}</label>
                <input
                  id="system-bundle"
                  class="system-file"
                  type="file"
                  accept=".raucb,application/octet-stream"
                  aria-describedby={too_large ? "system-bundle-error" : undefined}
                  aria-invalid={too_large || undefined}
                  onChange={(event) => {
                    file.value = event.currentTarget.files?.[0];
                    problem.value = undefined;
                  }}
                />
                {too_large && <FieldError id="system-bundle-error">{t("system.upload.too_large", { size: bytes(file_bytes_max) })}</FieldError>}
              </div>
              <div class="row">
                <Button tone="primary" disabled={!chosen || too_large || release_busy(now)} onClick={() => void send()}>{t("system.upload.send")}</Button>
                {chosen && <span class="muted small">{bytes(chosen.size)}</span>}
              </div>
            </>
          )}
        </Locked>
      </div>
    </section>
  );
}
