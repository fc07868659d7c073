// A minute hand for "5 minutes ago"; stands still while nobody looks.
import { signal } from "@preact/signals";

export const now_ms = signal(Date.now());

const tick_ms = 15_000;
setInterval(() => {
  if (!document.hidden) now_ms.value = Date.now();
}, tick_ms);
