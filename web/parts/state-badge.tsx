import type { Job, ServerState } from "../api/types";
import { t } from "../i18n";
import { Spinner } from "./button";
import { Icon } from "./icon";
import "./state-badge.css";

type Mood = "good" | "busy" | "bad" | "calm";

const server_moods: Record<ServerState, Mood> = {
  creating: "busy",
  starting: "busy",
  stopping: "busy",
  deleting: "busy",
  running: "good",
  paused: "calm",
  stopped: "calm",
  unknown: "calm",
  crashed: "bad",
  failed: "bad",
};
const job_moods: Record<Job["state"], Mood> = {
  queued: "calm",
  running: "busy",
  undoing: "busy",
  succeeded: "good",
  failed: "bad",
  undone: "calm",
  cancelled: "calm",
};

// Shape and word say it; colour only repeats it.
function Badge({ mood, moving, text }: { mood: Mood; moving: boolean; text: string }) {
  return (
    <span class={`badge badge-${mood}`}>
      {moving ? <Spinner size={12} /> : mood === "bad" ? <Icon name="warning" size={12} /> : <i class="badge-dot" aria-hidden="true" />}
      {text}
    </span>
  );
}

export function StateBadge({ state }: { state: ServerState }) {
  const mood = server_moods[state] ?? "calm";
  return <Badge mood={mood} moving={mood === "busy"} text={t(`state.${state}`)} />;
}

// An undone job that failed is bad news; one that was called off is not.
export function JobBadge({ job: { state, error } }: { job: Job }) {
  const mood = state === "undone" && error ? "bad" : (job_moods[state] ?? "calm");
  return <Badge mood={mood} moving={mood === "busy"} text={t(`job.state.${state}`)} />;
}
