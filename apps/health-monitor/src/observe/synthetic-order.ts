import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { histogram } from '#libs/telemetry';
import { askHttp } from './ask-http.js';

const took = histogram('synthetic_order_seconds', 'Time from placing a synthetic order to its confirmation.', ['door']);

/** Customer and product of orders that are placed as a test; left out of revenue and totals. */
const SYNTHETIC = 'synthetic';
const FIRST_LOOK_MS = 100;
const MAX_LOOK_MS = 1_000;

/** How the last test order went. */
export type SyntheticResult = {
  readonly ok: boolean;
  readonly door: string;
  readonly tookMs: number;
  readonly detail: string;
  readonly at: string;
};

/** Places an order as customers do, through each front door in turn, and follows it to CONFIRMED. */
export class SyntheticOrder {
  private turn = 0;

  constructor(
    private readonly doors: readonly string[],
    private readonly token: string,
    private readonly limitMs: number,
  ) {}

  /** Never throws. */
  async place(): Promise<SyntheticResult> {
    const door = this.doors[this.turn++ % this.doors.length] as string;
    const sinceMs = performance.now();
    const at = new Date().toISOString();
    try {
      const detail = await this.follow(door, sinceMs + this.limitMs);
      const tookMs = performance.now() - sinceMs;
      took.observe({ door }, tookMs / 1_000);
      return { ok: true, door, tookMs, detail, at };
    } catch (error) {
      return { ok: false, door, tookMs: performance.now() - sinceMs, detail: (error as Error).message, at };
    }
  }

  private async follow(door: string, untilMs: number): Promise<string> {
    const body = JSON.stringify({ items: [{ sku: SYNTHETIC, quantity: 1 }], paymentToken: 'tok_ok' });
    const placed = await this.ask(new URL('/orders', door), untilMs, body);
    let waitMs = FIRST_LOOK_MS;
    for (;;) {
      await pause(waitMs);
      const { status } = await this.ask(new URL(`/orders/${placed.orderId}`, door), untilMs);
      if (status === 'CONFIRMED') return `order ${placed.orderId} was confirmed`;
      if (status !== 'PLACED') throw new Error(`order ${placed.orderId} became ${status} instead of CONFIRMED`);
      if (performance.now() + waitMs >= untilMs) throw new Error(`order ${placed.orderId} is not confirmed in time`);
      waitMs = Math.min(MAX_LOOK_MS, waitMs * 2);
    }
  }

  private async ask(url: URL, untilMs: number, body?: string): Promise<{ orderId: string; status: string }> {
    const headers = {
      authorization: `Bearer ${this.token}`,
      ...(body !== undefined && { 'content-type': 'application/json', 'idempotency-key': `synthetic-${randomUUID()}` }),
    };
    const limitMs = Math.max(1, untilMs - performance.now());
    const answer = await askHttp(url, limitMs, { headers, ...(body !== undefined && { body }) });
    if (answer.status >= 300) throw new Error(`${url.pathname.split('/')[1]} answered ${answer.status}`);
    return JSON.parse(answer.body) as { orderId: string; status: string };
  }
}
