/** Reads the metrics page of a process of ours. Rendering it costs that process about a millisecond of CPU. */
export async function readMetrics(url: string): Promise<ServiceMetrics> {
  return new ServiceMetrics(await (await fetch(url)).text());
}

/** A metrics page as it was when it was read. */
export class ServiceMetrics {
  constructor(private readonly page: string) {}

  /** Sum of a metric over all its labels; 0 when it is not there. */
  sum(name: string): number {
    const values = [...this.page.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))];
    return values.reduce((sum, [, value]) => sum + Number(value), 0);
  }
}
