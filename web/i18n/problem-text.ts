// A problem in the user's words where we have them, else in the server's.
import type { Problem } from "../api/problem";
import { duration } from "./format";
import { t, t_if_known } from "./index";

export function problem_text(problem: Problem): string {
  if (problem.status === 429 && problem.retry_after_s !== undefined) return t("error.too_many", { time: duration(problem.retry_after_s) });
  if (problem.slug === "offline") return t("error.offline");
  if (problem.slug === "unexpected") return t("error.unexpected", { detail: problem.detail });
  if (problem.slug === "unreadable") return t("error.unreadable", { status: problem.status });
  const known = t_if_known(`problem.${problem.slug}`, { detail: problem.detail });
  return known?.trim() || problem.detail || problem.title || t("error.unknown", { status: problem.status });
}
