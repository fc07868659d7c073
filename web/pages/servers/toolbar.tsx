import type { Signal } from "@preact/signals";
import { t } from "../../i18n";
import { Icon } from "../../parts/icon";
import { filters, type ServerFilter } from "./filter";

interface ToolbarProps {
  readonly search: Signal<string>;
  readonly filter: Signal<ServerFilter>;
  readonly shown: number;
  readonly total: number;
}

export function Toolbar({ search, filter, shown, total }: ToolbarProps) {
  return (
    <div class="toolbar">
      <label class="toolbar-search">
        <span class="visually-hidden">{t("servers.search")}</span>
        <Icon name="search" />
        <input class="input" type="search" placeholder={t("servers.search.hint")} value={search.value} onInput={(event) => (search.value = event.currentTarget.value)} />
      </label>
      <div class="segments" role="group" aria-label={t("servers.filter")}>
        {(Object.keys(filters) as ServerFilter[]).map((name) => (
          <button key={name} type="button" class="segment" aria-pressed={filter.value === name} onClick={() => (filter.value = name)}>
            {t(`servers.filter.${name}`)}
          </button>
        ))}
      </div>
      <p class="toolbar-count" role="status">
        {shown === total ? t("servers.count", { n: total }) : t("servers.count_of", { n: shown, total })}
      </p>
    </div>
  );
}
