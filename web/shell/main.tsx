import { render } from "preact";
import "./tokens.css";
import "./base.css";
import { App } from "./app";
import { start_job_news } from "./job-news";
import { start_live } from "./live";
import { start_preferences } from "./preferences";
import { start_router } from "./router";
import { start_session } from "./session";

async function start(): Promise<void> {
  const root = document.getElementById("app");
  if (!root) return;
  await start_preferences();
  start_router();
  start_live();
  start_job_news();
  render(<App />, root);
  await start_session();
}

void start();
