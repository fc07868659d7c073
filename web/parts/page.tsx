import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import "./page.css";

interface PageProps {
  readonly title: string;
  readonly heading?: ComponentChildren; // beside or instead of the plain title
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

let first = true;

// A page names itself to the tab and to a screen reader: after a navigation the focus is on its heading.
export function Page({ title, heading, actions, children }: PageProps) {
  const h1 = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} \u00b7 ${t("product")}`;
  }, [title]);
  useEffect(() => {
    if (!first) h1.current?.focus({ preventScroll: true });
    first = false;
  }, []);
  return (
    <div class="page">
      <div class="page-head">
        <div class="page-title">
          <h1 ref={h1} tabIndex={-1}>{title}</h1>
          {heading}
        </div>
        {actions && <div class="page-actions">{actions}</div>}
      </div>
      {children}
    </div>
  );
}
