// Reads a thing again soon, once, however often it is asked for: a burst of events costs one request per thing, and the
// last request always starts after the last event.
export class Refresher {
  private readonly waiting = new Map<string, ReturnType<typeof setTimeout>>();
  private readonly busy = new Set<string>();
  private readonly again = new Set<string>();

  constructor(
    private readonly read: (id: string) => Promise<void>,
    private readonly delay_ms = 60,
  ) {}

  want(id: string): void {
    if (this.busy.has(id)) this.again.add(id);
    else if (!this.waiting.has(id)) this.waiting.set(id, setTimeout(() => void this.run(id), this.delay_ms));
  }

  private async run(id: string): Promise<void> {
    this.waiting.delete(id);
    this.busy.add(id);
    try {
      await this.read(id);
    } catch {
      // The next event, or the reload after a reconnect, brings it.
    } finally {
      this.busy.delete(id);
      if (this.again.delete(id)) this.want(id);
    }
  }
}
