// The API's nouns, generated from firmware/api/openapi.json, and what most tests do with them.
import type { components } from "../../web/api/openapi";
import { until } from "./stack";
import type { Answer, Visitor } from "./visitor";

type Schemas = components["schemas"];
export type Accepted = Schemas["Accepted"];
export type Image = Schemas["Image"];
export type Job = Schemas["Job"];
export type Plan = Schemas["Plan"];
export type Server = Schemas["Server"];

export interface Page<T> {
  items: T[];
  next_cursor?: string;
}

export async function image_named(visitor: Visitor, name: string): Promise<Image> {
  const images = await visitor.get<Page<Image>>("/images");
  return images.body.items.find((image) => image.name === name)!;
}

export async function finished(visitor: Visitor, job: string): Promise<Job> {
  return until(`job ${job}`, async () => {
    const answer = await visitor.get<Job>(`/jobs/${job}`);
    return answer.body.finished_at ? answer.body : undefined;
  });
}

export function wish(name: string, kind: "vm" | "container" = "container"): Record<string, unknown> {
  return { name, image: kind === "vm" ? "tiny-vm" : "tiny", plan: "tiny" };
}

// A server that runs.
export async function made(visitor: Visitor, name: string, kind: "vm" | "container" = "container"): Promise<Server> {
  const answer: Answer<Accepted> = await visitor.post<Accepted>("/servers", wish(name, kind));
  if (answer.status !== 202) throw new Error(answer.text);
  const job = await finished(visitor, answer.body.job.id);
  if (job.state !== "succeeded") throw new Error(JSON.stringify(job));
  return (await visitor.get<Server>(`/servers/${answer.body.server!.id}`)).body;
}
