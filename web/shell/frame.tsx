// The frame around every page: brand, navigation, the machine's figures, the user's menu.
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { t } from "../i18n";
import { Brand } from "../parts/brand";
import { Icon, type IconName } from "../parts/icon";
import { HostPanel } from "./host-panel";
import { connection } from "./live";
import { path } from "./router";
import { is_administrator } from "./session";
import { UserMenu } from "./user-menu";
import "./frame.css";

function NavLink({ href, icon, children }: { href: string; icon: IconName; children: ComponentChildren }) {
  const here = path.value === href || path.value.startsWith(`${href}/`);
  return (
    <a class="nav-link" href={href} aria-current={here ? "page" : undefined}>
      <Icon name={icon} />
      {children}
    </a>
  );
}

// Said only when it lasts: a reconnect of a second is nobody's business.
function LostNotice() {
  const late = useSignal(false);
  const lost = connection.value === "lost";
  useEffect(() => {
    late.value = false;
    if (!lost) return undefined;
    const timer = setTimeout(() => (late.value = true), 3000);
    return () => clearTimeout(timer);
  }, [lost]);
  return (
    <div role="status" class="lost-slot">
      {lost && late.value && <p class="lost">{t("live.lost")}</p>}
    </div>
  );
}

export function Frame({ children }: { children: ComponentChildren }) {
  const open = useSignal(false);
  const at = path.value;
  useEffect(() => {
    open.value = false;
  }, [at]);
  return (
    <div class="frame">
      <a class="skip" href="#content" onClick={() => document.querySelector<HTMLElement>("#content h1")?.focus()}>
        {t("nav.skip")}
      </a>
      <header class={open.value ? "side side-open" : "side"}>
        <div class="side-top">
          <a href="/servers" class="side-brand">
            <Brand />
          </a>
          <span class="side-toggle">
            <button
              type="button"
              class="button button-quiet button-icon"
              aria-expanded={open.value}
              aria-controls="side-rest"
              aria-label={t(open.value ? "nav.close" : "nav.open")}
              onClick={() => (open.value = !open.value)}
            >
              <Icon name={open.value ? "cross" : "menu"} />
            </button>
          </span>
        </div>
        <div class="side-rest" id="side-rest">
          <nav aria-label={t("nav.label")}>
            <NavLink href="/servers" icon="servers">{t("nav.servers")}</NavLink>
            <NavLink href="/activity" icon="activity">{t("nav.activity")}</NavLink>
            {is_administrator() && <NavLink href="/system" icon="chip">{t("nav.system")}</NavLink>}
          </nav>
          <div class="side-foot">
            <HostPanel />
            <UserMenu />
          </div>
        </div>
      </header>
      <main id="content" class="content">
        <LostNotice />
        {children}
      </main>
    </div>
  );
}

