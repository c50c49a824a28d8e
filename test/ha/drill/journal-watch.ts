import { closeSync, existsSync, openSync, readSync } from 'node:fs';

type Line = {
  kind: string;
  n: number;
  run: string;
  atMs: number;
  op?: string;
  key?: string;
  status?: number;
  orderId?: string;
};
/** One order as its client sees it. */
type Request = { firstAtMs: number; lastAtMs: number; attempts: number; status: number; orderId?: string };

const CHUNK_BYTES = 1 << 20;

/** Reads along what the load generator writes, from beside it: it is never made to wait. */
export class JournalWatch {
  private offset = 0;
  private rest = '';
  private readonly keyOf = new Map<string, string>();
  private readonly requests = new Map<string, Request>();
  private readonly acksMs: number[] = [];

  constructor(private readonly path: string) {}

  /** Reads what is new. */
  read(): void {
    if (!existsSync(this.path)) return;
    const file = openSync(this.path, 'r');
    const chunk = Buffer.alloc(CHUNK_BYTES);
    try {
      for (;;) {
        const bytes = readSync(file, chunk, 0, CHUNK_BYTES, this.offset);
        if (bytes === 0) return;
        this.offset += bytes;
        const lines = (this.rest + chunk.toString('latin1', 0, bytes)).split('\n');
        this.rest = lines.pop() ?? '';
        for (const line of lines) this.note(JSON.parse(line) as Line);
      }
    } finally {
      closeSync(file);
    }
  }

  /** Longest time in which no order was acknowledged, in ms, beginning between the two moments. */
  gap(fromMs: number, untilMs: number): number {
    const last = this.acksMs.findLast((at) => at <= fromMs) ?? fromMs;
    const times = [last, ...this.acksMs.filter((at) => at > fromMs && at < untilMs), untilMs];
    return Math.max(...times.slice(1).map((at, index) => at - (times[index] as number)));
  }

  acknowledgedSince(fromMs: number): number {
    return this.acksMs.length - this.acksMs.findLastIndex((at) => at <= fromMs) - 1;
  }

  /** Ids acknowledged for orders that were begun between the two moments. */
  acknowledged(fromMs: number, untilMs: number): string[] {
    return this.between(fromMs, untilMs).flatMap(({ status, orderId }) => (status === 201 && orderId ? [orderId] : []));
  }

  /** Orders begun between the two moments whose client got no answer in all its patience, and how the last try ended. */
  failed(fromMs: number, untilMs: number): string[] {
    return this.between(fromMs, untilMs)
      .filter(({ status }) => status !== 201 && status !== 409)
      .map(({ status, attempts }) => `${status} after ${attempts} attempts`);
  }

  /** Attempts per order begun between the two moments. */
  amplification(fromMs: number, untilMs: number): number {
    const requests = this.between(fromMs, untilMs);
    return requests.reduce((sum, { attempts }) => sum + attempts, 0) / Math.max(1, requests.length);
  }

  private between(fromMs: number, untilMs: number): Request[] {
    return [...this.requests.values()].filter(({ firstAtMs }) => firstAtMs >= fromMs && firstAtMs < untilMs);
  }

  private note({ kind, n, run, atMs, op, key, status, orderId }: Line): void {
    if (kind === 'intent' && op === 'place' && key !== undefined) {
      this.keyOf.set(`${run} ${n}`, key);
      const request = this.requests.get(key) ?? { firstAtMs: atMs, lastAtMs: atMs, attempts: 0, status: 0 };
      this.requests.set(key, { ...request, lastAtMs: atMs, attempts: request.attempts + 1 });
      return;
    }
    const answered = this.keyOf.get(`${run} ${n}`);
    const request = answered === undefined ? undefined : this.requests.get(answered);
    if (kind !== 'answer' || answered === undefined || request === undefined) return;
    this.keyOf.delete(`${run} ${n}`);
    this.requests.set(answered, { ...request, status: status ?? 0, ...(orderId !== undefined && { orderId }) });
    if (status === 201) this.acksMs.push(atMs);
  }
}
