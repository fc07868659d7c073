// A file on its way to the panel, with how much of it has arrived: fetch() does not tell, XMLHttpRequest does.
import { present_guard } from "./client";
import type { Job } from "./types";
import { offline, Problem, problem_of } from "./problem";

export interface Upload {
  readonly done: Promise<Job>;
  readonly stop: () => void;
}

// Statuses that an answer without a body may have cannot be made with one.
async function problem_from(request: XMLHttpRequest): Promise<Problem> {
  const headers = new Headers();
  const retry = request.getResponseHeader("Retry-After");
  if (retry !== null) headers.set("Retry-After", retry);
  return problem_of(new Response(request.responseText, { status: request.status, headers }));
}

function once(request: XMLHttpRequest, file: Blob, told: (share: number) => void): Promise<Job> {
  return new Promise((resolve, reject) => {
    request.open("POST", "/api/v1/machine/updates");
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    const csrf = present_guard().csrf();
    if (csrf !== undefined) request.setRequestHeader("X-Berth-CSRF", csrf);
    request.upload.onprogress = ({ loaded, total }) => told(total > 0 ? loaded / total : 0);
    request.onerror = () => reject(offline());
    request.onabort = () => reject(new Problem(0, "stopped", "", ""));
    request.onload = () => {
      if (request.status !== 202) {
        void problem_from(request).then(reject);
        return;
      }
      try {
        resolve((JSON.parse(request.responseText) as { job: Job }).job);
      } catch {
        reject(new Problem(request.status, "unreadable", "", ""));
      }
    };
    request.send(file);
  });
}

// `told` hears a share from 0 to 1. A session that ended meanwhile is renewed, and the file is sent once more.
export function send_update(file: Blob, told: (share: number) => void): Upload {
  let request = new XMLHttpRequest();
  const run = async (): Promise<Job> => {
    try {
      return await once(request, file, told);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const renewed = error.status === 401 && (await present_guard().renew());
      const stale = error.status === 403 && error.slug.includes("csrf");
      if (stale) await present_guard().refresh_csrf();
      if (!renewed && !stale) throw error;
      request = new XMLHttpRequest();
      return once(request, file, told);
    }
  };
  return { done: run(), stop: () => request.abort() };
}
