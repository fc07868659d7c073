// The two pages before the panel: the machine's face beside one form.
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { language, languages, t } from "../i18n";
import { Brand, Mark } from "./brand";
import { Icon } from "./icon";
import "./gate.css";

interface GateProps {
  readonly title: string;
  readonly lead: string;
  readonly children: ComponentChildren;
  readonly version: string | undefined;
  readonly onLanguage: (code: (typeof languages)[number]["code"]) => void;
}

export function Gate({ title, lead, children, version, onLanguage }: GateProps) {
  useEffect(() => {
    document.title = `${title} \u00b7 ${t("product")}`;
  }, [title]);
  return (
    <div class="gate">
      <aside class="gate-aside">
        <Brand />
        <div class="gate-claim">
          <p class="gate-words">{t("aside.claim")}</p>
          <ul class="gate-points">
            {(["aside.point.1", "aside.point.2", "aside.point.3"] as const).map((key) => (
              <li key={key}>
                <Icon name="check" />
                <span>{t(key)}</span>
              </li>
            ))}
          </ul>
        </div>
        {version && <p class="gate-version">{t("host.version", { version })}</p>}
        <span class="gate-mark">
          <Mark size={420} />
        </span>
      </aside>
      <main class="gate-main">
        <div class="gate-form">
          <div class="gate-brand">
            <Brand />
          </div>
          <h1>{title}</h1>
          <p class="muted gate-lead">{lead}</p>
          {children}
        </div>
        <div class="gate-languages" role="group" aria-label={t("nav.language")}>
          {languages.map(({ code, name }) => (
            <button key={code} type="button" class="button button-quiet button-small" lang={code} aria-pressed={language.value === code} onClick={() => onLanguage(code)}>
              {name}
            </button>
          ))}
        </div>
      </main>
    </div>
  );
}
