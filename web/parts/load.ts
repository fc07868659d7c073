// Something a page reads once: loading, then there, or a problem with another try.
import { useSignal, type Signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { as_problem, type Problem } from "../api/problem";

export type Loaded<T> = { readonly state: "loading" } | { readonly state: "ready"; readonly value: T } | { readonly state: "problem"; readonly problem: Problem };

export interface Load<T> {
  readonly now: Signal<Loaded<T>>;
  readonly again: () => Promise<void>;
}

// `key`: what it depends on. What is on screen stays while it is read again.
export function useLoad<T>(read: (signal: AbortSignal) => Promise<T>, key = ""): Load<T> {
  const now = useSignal<Loaded<T>>({ state: "loading" });
  const run = async (signal: AbortSignal) => {
    if (now.peek().state === "problem") now.value = { state: "loading" };
    try {
      const value = await read(signal);
      if (!signal.aborted) now.value = { state: "ready", value };
    } catch (error) {
      // What is on screen stays when only its refreshing failed.
      if (!signal.aborted && now.peek().state !== "ready") now.value = { state: "problem", problem: as_problem(error) };
    }
  };
  useEffect(() => {
    const gone = new AbortController();
    void run(gone.signal);
    return () => gone.abort();
  }, [key]);
  return { now, again: () => run(new AbortController().signal) };
}
