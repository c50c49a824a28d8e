/** Samples kept: two minutes at two per second. */
const MAX_SAMPLES = 256;

type Sample = { readonly atMs: number; readonly lsnBytes: number };

/**
 * Where the primary's log was and when, by our own clock. From it follows how old a standby's data are, also when the
 * standby's receiver is cut off and the clocks of the machines differ.
 */
export class PrimaryTrail {
  private samples: Sample[] = [];
  private timeline = 0;

  /** What the primary of `timeline` said; older timelines are ignored. */
  record(atMs: number, timeline: number, lsnBytes: number): void {
    if (timeline < this.timeline) return;
    if (timeline > this.timeline) this.samples = [];
    this.timeline = timeline;
    const last = this.samples.at(-1);
    if (last && lsnBytes <= last.lsnBytes) return;
    this.samples.push({ atMs, lsnBytes });
    if (this.samples.length > MAX_SAMPLES) this.samples.shift();
  }

  /** For how long the primary has been past `lsnBytes`, in ms: an upper bound within one probe interval; 0 if it is not. */
  lagMs(lsnBytes: number, nowMs: number): number {
    const passed = this.samples.find((sample) => sample.lsnBytes > lsnBytes);
    return passed ? Math.max(0, nowMs - passed.atMs) : 0;
  }

  lagBytes(lsnBytes: number): number {
    return Math.max(0, (this.samples.at(-1)?.lsnBytes ?? 0) - lsnBytes);
  }
}
