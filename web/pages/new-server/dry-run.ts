// Asks the server, while the user still types, whether it would take the wish; what it says of fields appears at them.
import { useSignal, type ReadonlySignal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api } from "../../api/client";
import { as_problem } from "../../api/problem";
import type { ServerKind } from "../../api/types";
import type { Form } from "../../parts/form";
import { check_wish, request_of, type WishField } from "./wish";

const pause_ms = 700;

export function useDryRun(form: Form<WishField>, kind: Signal<ServerKind>, start: Signal<boolean>): ReadonlySignal<boolean> {
  const checking = useSignal(false);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let asked = new AbortController();
    const ask = async () => {
      const wish = form.values.peek();
      if (form.busy.peek() || Object.keys(check_wish(wish, kind.peek())).length > 0) return;
      checking.value = true;
      try {
        await api.post("/servers", { query: { dry_run: true }, body: request_of(wish, kind.peek(), start.peek()), signal: asked.signal });
      } catch (error) {
        const problem = as_problem(error);
        // Only what belongs to a field: anything else is said when the user really asks for the server.
        if (!asked.signal.aborted && problem.fields.length > 0) form.take(problem);
      } finally {
        checking.value = false;
      }
    };
    const stop = form.values.subscribe(() => {
      clearTimeout(timer);
      asked.abort();
      asked = new AbortController();
      timer = setTimeout(() => void ask(), pause_ms);
    });
    return () => {
      stop();
      clearTimeout(timer);
      asked.abort();
    };
  }, []);
  return checking;
}
