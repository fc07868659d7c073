// The machine under it all, in a few lines: what is free, and what it cannot do.
import { bytes } from "../i18n/format";
import { number, t } from "../i18n";
import { Icon } from "../parts/icon";
import { Meter } from "../parts/meter";
import { host, host_load, machine } from "./live";
import { product } from "./session";
import "./host-panel.css";

function Line({ label, free, total, show }: { label: string; free: number; total: number; show: (n: number) => string }) {
  return (
    <div class="host-line">
      <span>{label}</span>
      <span class="muted">{t("host.free_of", { free: show(free), total: show(total) })}</span>
      <Meter label={label} value={total - free} max={total} warn />
    </div>
  );
}

export function HostPanel() {
  const now = host.value;
  const known = machine.value !== undefined;
  const load = host_load.value;
  return (
    <section class="host" aria-label={t("host.title")}>
      {now && (
        <>
          {known && <h2 class="host-name" title={now.kernel}>{now.hostname}</h2>}
          {!now.engine_ok && (
            <p class="host-flag host-flag-bad">
              <Icon name="warning" size={14} />
              <span>{t("host.engine_down")}</span>
            </p>
          )}
          {known && <Line label={t("host.memory")} free={now.memory_free_bytes} total={now.memory_bytes} show={bytes} />}
          {known && <Line label={t("host.storage")} free={now.storage_free_bytes} total={now.storage_bytes} show={bytes} />}
          <Line label={t("host.addresses")} free={now.pool.addresses_free} total={now.pool.addresses_total} show={number} />
          {known && (
            <p class="host-flag" title={now.accelerator_reason}>
              <Icon name={now.accelerator === "tcg" ? "warning" : "bolt"} size={14} />
              <span>{t(now.accelerator === "tcg" ? "host.tcg.short" : "host.kvm")}</span>
            </p>
          )}
        </>
      )}
      {!now && typeof load === "object" && <p class="host-flag">{t("host.failed")}</p>}
      {product.value && <p class="host-version">{t("host.version", { version: product.value.version })}</p>}
    </section>
  );
}
