// Addresses and history. Links are plain <a href>; clicks on our own are taken over, everything else is the browser's.
import { computed, signal } from "@preact/signals";

const here = () => location.pathname + location.search;
const current = signal(here());

export const path = computed(() => current.value.split("?")[0] ?? "/");
export const query = computed(() => new URLSearchParams(current.value.split("?")[1] ?? ""));

export function go(to: string, how: { replace?: boolean } = {}): void {
  if (to === here()) return;
  if (how.replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  const before = path.peek();
  current.value = here();
  if (before !== path.peek() && !how.replace) scrollTo(0, 0);
}

function our_link(event: MouseEvent): HTMLAnchorElement | undefined {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return undefined;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (!link || link.target || link.hasAttribute("download") || link.origin !== location.origin) return undefined;
  if (link.pathname.startsWith("/api/") || (link.hash && link.pathname === location.pathname)) return undefined;
  return link;
}

export function start_router(): void {
  addEventListener("popstate", () => (current.value = here()));
  document.addEventListener("click", (event) => {
    const link = our_link(event);
    if (!link) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
