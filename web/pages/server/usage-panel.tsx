import { useEffect } from "preact/hooks";
import type { Server } from "../../api/types";
import { t } from "../../i18n";
import { bytes, percent } from "../../i18n/format";
import { Meter } from "../../parts/meter";
import { RelativeTime } from "../../parts/relative-time";
import { refresh_server } from "../../shell/live";
import { observe, rates } from "./rates";

const look_ms = 5000;

function Gauge({ label, value, share }: { label: string; value: string; share: number }) {
  return (
    <div class="gauge">
      <span class="gauge-label">{label}</span>
      <span class="gauge-value">{value}</span>
      <Meter label={label} value={share} max={1} warn />
    </div>
  );
}

export function UsagePanel({ server }: { server: Server }) {
  const running = server.state === "running";
  const alive = running || server.state === "paused";
  useEffect(() => observe(server), [server]);
  useEffect(() => {
    if (!running) return undefined;
    const timer = setInterval(() => {
      if (!document.hidden) refresh_server(server.id);
    }, look_ms);
    return () => clearInterval(timer);
  }, [server.id, running]);
  const { usage } = server;
  const rate = rates.value.get(server.id);
  return (
    <section class="panel">
      <header>
        <h2>{t("server.usage")}</h2>
        <span class="grow" />
        {server.observed_at && alive && (
          <span class="muted small">
            <RelativeTime at={server.observed_at} />
          </span>
        )}
      </header>
      {usage && alive ? (
        <div class="panel-body gauges">
          <Gauge label={t("server.usage.cpu")} value={rate ? percent(rate.cpu_share) : t("server.usage.measuring")} share={rate?.cpu_share ?? 0} />
          <Gauge label={t("server.usage.memory")} value={t("server.usage.of", { used: bytes(usage.memory_bytes), total: bytes(server.memory_bytes) })} share={usage.memory_bytes / server.memory_bytes} />
          <Gauge label={t("server.usage.disk")} value={t("server.usage.of", { used: bytes(usage.disk_bytes), total: bytes(server.disk_bytes) })} share={usage.disk_bytes / server.disk_bytes} />
        </div>
      ) : (
        <p class="panel-body muted small">{t("server.usage.none")}</p>
      )}
    </section>
  );
}
