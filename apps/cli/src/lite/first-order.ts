import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { AppError } from '#libs/errors';

/** A product and customer of its own, so that checks of the start never touch what people see. */
const SYNTHETIC = 'synthetic';
/** @see confirmFirstOrder */
const PATIENCE_MS = 60_000;
const POLL_MS = 50;
const CALL_TIMEOUT_MS = 5_000;

/**
 * Places an order through a front door and waits until it is paid and confirmed: the proof that the system works.
 * @returns how long that took from the last attempt's placement, in ms
 * @throws AppError `start-failed` when none is confirmed in time
 */
export async function confirmFirstOrder(frontDoor: string, token: string, patienceMs = PATIENCE_MS): Promise<number> {
  const deadline = Date.now() + patienceMs;
  let last: unknown = 'nothing happened';
  while (Date.now() < deadline) {
    try {
      return await placeAndFollow(frontDoor, token, deadline);
    } catch (error) {
      last = error;
    }
    await pause(POLL_MS * 5);
  }
  throw new AppError({
    code: 'start-failed',
    kind: 'unavailable',
    message: `No order could be placed and confirmed at ${frontDoor} within ${patienceMs / 1000} s. ${(last as Error).message}`,
    cause: last,
  });
}

async function placeAndFollow(frontDoor: string, token: string, deadline: number): Promise<number> {
  const startedMs = performance.now();
  const body = JSON.stringify({ items: [{ sku: SYNTHETIC, quantity: 1 }], paymentToken: 'tok_ok' });
  const headers = { 'idempotency-key': randomUUID(), 'content-type': 'application/json' };
  const { orderId } = await call(`${frontDoor}/orders`, token, { method: 'POST', headers, body });
  while (Date.now() < deadline) {
    const { status } = await call(`${frontDoor}/orders/${orderId}`, token);
    if (status === 'CONFIRMED') return Math.round(performance.now() - startedMs);
    if (status !== 'PLACED') throw new Error(`Order ${orderId} became ${status} instead of CONFIRMED.`);
    await pause(POLL_MS);
  }
  throw new Error(`Order ${orderId} was placed but not confirmed.`);
}

type PlainRequest = { method?: string; headers?: Record<string, string>; body?: string };

async function call(url: string, token: string, init: PlainRequest = {}): Promise<{ orderId: string; status: string }> {
  const response = await fetch(url, {
    ...init,
    headers: { ...init.headers, authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${init.method ?? 'GET'} ${url} answered ${response.status}: ${text.slice(0, 300)}`);
  return JSON.parse(text) as { orderId: string; status: string };
}
