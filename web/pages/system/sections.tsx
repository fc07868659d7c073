import type { ComponentChild } from "preact";
import { useEffect } from "preact/hooks";
import type { Machine } from "../../api/types";
import { t } from "../../i18n";
import { Skeleton } from "../../parts/empty";
import { Icon, type IconName } from "../../parts/icon";
import { Notice, ProblemNotice } from "../../parts/notice";
import { Page } from "../../parts/page";
import { locked, locked_note, machine, read_machine, watch_machine } from "./machine";
import { NetworkSection } from "./network-section";
import { OverviewSection } from "./overview-section";
import { SshSection } from "./ssh-section";
import { SupportSection } from "./support-section";
import type { Section } from "./system-page";
import { TimeSection } from "./time-section";
import { TrialNotice } from "./trial-notice";
import { UpdatesSection } from "./updates-section";
import "./system.css";

const sections: readonly { readonly section: Section; readonly icon: IconName }[] = [
  { section: "overview", icon: "chip" },
  { section: "updates", icon: "restart" },
  { section: "network", icon: "network" },
  { section: "time", icon: "activity" },
  { section: "ssh", icon: "key" },
  { section: "support", icon: "plug" },
];

function Tabs({ here }: { here: Section }) {
  return (
    <nav class="tabs system-tabs" aria-label={t("system.tabs")}>
      {sections.map(({ section, icon }) => (
        <a key={section} class="tab" href={section === "overview" ? "/system" : `/system/${section}`} aria-current={section === here ? "page" : undefined}>
          <Icon name={icon} />
          {t(`system.tab.${section}`)}
        </a>
      ))}
    </nav>
  );
}

const content: Record<Section, (now: Machine) => ComponentChild> = {
  overview: (now) => <OverviewSection now={now} />,
  updates: (now) => <UpdatesSection now={now} />,
  network: (now) => <NetworkSection now={now} />,
  time: (now) => <TimeSection now={now} />,
  ssh: (now) => <SshSection now={now} />,
  support: (now) => <SupportSection now={now} />,
};

export function Sections({ section }: { section: Section }) {
  useEffect(watch_machine, []);
  const now = machine.value;
  return (
    <Page title={t("system.title")} heading={now.state === "ready" ? <span class="muted system-name">{now.value.hostname}</span> : undefined}>
      <Tabs here={section} />
      {now.state === "loading" && (
        <div class="panel">
          <Skeleton lines={6} label={t("live.loading")} />
        </div>
      )}
      {now.state === "problem" && <ProblemNotice problem={now.problem} retry={() => void read_machine()} />}
      {now.state === "ready" && (
        <>
          {locked() && (
            <div id={locked_note}>
              <Notice tone="info">{t("system.locked")}</Notice>
            </div>
          )}
          <TrialNotice now={now.value} />
          {content[section](now.value)}
        </>
      )}
    </Page>
  );
}
