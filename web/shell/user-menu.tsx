import { language, languages, t } from "../i18n";
import { Icon } from "../parts/icon";
import { Menu, MenuChoice, MenuGroup, MenuItem } from "../parts/menu";
import { act } from "../parts/toast";
import { choose_language, choose_theme, theme } from "./preferences";
import { go } from "./router";
import { session, sign_out } from "./session";
import "./user-menu.css";

export function UserMenu() {
  const now = session.value;
  if (now.status !== "in") return null;
  return (
    <div class="user">
      <Menu
        label={t("nav.user", { name: now.user.name })}
        up
        trigger={
          <>
            <span class="user-initial" aria-hidden="true" data-initial={now.user.name.slice(0, 1).toUpperCase()} />
            <span class="user-name">{now.user.name}</span>
            <Icon name="chevron" size={14} class="user-chevron" />
          </>
        }
      >
        <MenuItem icon="user" onSelect={() => go("/account")}>{t("nav.account")}</MenuItem>
        <MenuGroup label={t("nav.theme")}>
          {(["system", "light", "dark"] as const).map((option) => (
            <MenuChoice key={option} checked={theme.value === option} onSelect={() => choose_theme(option)}>
              {t(`nav.theme.${option}`)}
            </MenuChoice>
          ))}
        </MenuGroup>
        <MenuGroup label={t("nav.language")}>
          {languages.map(({ code, name }) => (
            <MenuChoice key={code} checked={language.value === code} lang={code} onSelect={() => void choose_language(code)}>
              {name}
            </MenuChoice>
          ))}
        </MenuGroup>
        <MenuItem icon="sign_out" onSelect={() => void act(sign_out)}>{t("nav.sign_out")}</MenuItem>
      </Menu>
    </div>
  );
}
