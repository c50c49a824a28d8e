/** Failures in a row that eject an instance. */
export const EJECT_AFTER = 5;
/** First ejection; each further one without a success between lasts as much longer, up to the limit. */
export const EJECTION_MS = 5_000;
export const MAX_EJECTION_MS = 60_000;
/** Instances remembered at most; the oldest is forgotten first. */
const MAX_REMEMBERED = 1_000;

type Record = { failures: number; ejections: number; untilMs: number };

/**
 * Ejects instances that fail several times in a row, whatever the registry says of their health.
 * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier consecutive failures
 */
export class Outliers {
  private readonly records = new Map<string, Record>();

  constructor(private readonly now: () => number = () => performance.now()) {}

  isEjected(name: string): boolean {
    return (this.records.get(name)?.untilMs ?? Number.NEGATIVE_INFINITY) > this.now();
  }

  succeeded(name: string): void {
    this.records.delete(name);
  }

  failed(name: string): void {
    const record = this.records.get(name) ?? { failures: 0, ejections: 0, untilMs: Number.NEGATIVE_INFINITY };
    this.records.set(name, record);
    record.failures++;
    // After an ejection one more failure is enough: the first call back is a trial.
    if (record.failures < EJECT_AFTER && record.ejections === 0) return;
    record.ejections++;
    record.failures = 0;
    record.untilMs = this.now() + Math.min(MAX_EJECTION_MS, EJECTION_MS * record.ejections);
    if (this.records.size > MAX_REMEMBERED) this.records.delete(this.records.keys().next().value as string);
  }
}
