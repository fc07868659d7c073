// The mock panel by itself, for `npm run --prefix web dev` and for looking around: a set of servers in every state.
import { MockPanel } from "./mock-panel";
import { fill } from "./samples";

const panel = await new MockPanel().start(Number(process.env["PORT"] ?? 8087));
fill(panel.world);
panel.run_jobs(900);
console.log(`${panel.url}  sign in as ada / correct horse battery`);
