import { hash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { canonicalJson, type PlaceOrderBody } from '#libs/contracts';
import type { Journal } from '../check/journal.js';
import type { IntentLine, JournalOp } from '../check/journal-line.js';
import { DoorRota } from './door-rota.js';
import { type HttpAnswer, type HttpCall, HttpDoor, NoAnswerError } from './http-door.js';
import { unusable } from './load.errors.js';
import { readAnswer } from './read-answer.js';
import { isWorthRepeating, pauseMs, REFERENCE_POLICY, type RetryPolicy } from './retry-policy.js';

/** A person at the shop. */
export type Customer = { id: string; token: string };

/** `status` 0: no answer within all patience. `isSettled`: an answer that a repeat would not change. */
export type RequestEnd = {
  status: number;
  isSettled: boolean;
  attempts: number;
  code?: string | undefined;
  orderId?: string | undefined;
  orderStatus?: string | undefined;
  isReplay?: boolean | undefined;
  body?: Buffer | undefined;
};

type Request = { op: JournalOp; customer: Customer; call: HttpCall; key?: string; digest?: string; orderId?: string };

export type ReferenceClientOptions = {
  doors: readonly string[];
  journal?: Journal | undefined;
  policy?: RetryPolicy;
  maxConnections?: number;
};

/**
 * The client the promises are made to: doors in turn (those out of service passed over), the same key for every attempt, 3 s an
 * attempt, 15 s of patience.
 * With a journal it is also the witness: it sends nothing and believes nothing before that is on disk.
 */
export class ReferenceClient implements AsyncDisposable {
  private readonly doors: readonly HttpDoor[];
  private readonly rota: DoorRota<HttpDoor>;
  private readonly policy: RetryPolicy;
  private readonly journal: Journal | undefined;
  private readonly run = `${process.pid}-${Date.now().toString(36)}`;
  private lastN = 0;
  /** Attempts sent so far; divided by the requests it is the retry amplification. */
  attempts = 0;

  constructor({ doors, journal, policy = REFERENCE_POLICY, maxConnections }: ReferenceClientOptions) {
    if (doors.length === 0) throw unusable('A client needs at least one front door (--target URL).');
    this.doors = doors.map((url) => new HttpDoor(url, maxConnections));
    this.rota = new DoorRota(this.doors);
    this.policy = policy;
    this.journal = journal;
  }

  /** Places an order under `key`, and asks again under the same key until it is answered or patience is over. */
  place(customer: Customer, key: string, body: PlaceOrderBody): Promise<RequestEnd> {
    const call = this.post(customer, '/orders', JSON.stringify(body));
    call.headers['idempotency-key'] = key;
    const digest = this.journal ? digestOf(canonicalJson(body)) : '';
    return this.request({ op: 'place', customer, call, key, digest });
  }

  cancel(customer: Customer, orderId: string): Promise<RequestEnd> {
    const call = this.post(customer, `/orders/${orderId}/cancellation`, '{}');
    return this.request({ op: 'cancel', customer, call, orderId });
  }

  read(customer: Customer, orderId: string): Promise<RequestEnd> {
    const headers = { authorization: `Bearer ${customer.token}` };
    return this.request({
      op: 'read',
      customer,
      call: { method: 'GET', path: `/orders/${orderId}`, headers },
      orderId,
    });
  }

  /** `GET` of a path that needs no token; never journaled. */
  browse(path: string): Promise<RequestEnd> {
    return this.request({ op: 'browse', customer: NOBODY, call: { method: 'GET', path, headers: {} } });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.doors.map((door) => door.close()));
  }

  private post(customer: Customer, path: string, body: string): HttpCall {
    const headers = { authorization: `Bearer ${customer.token}`, 'content-type': 'application/json' };
    return { method: 'POST', path, headers, body };
  }

  private async request(request: Request): Promise<RequestEnd> {
    const giveUpAtMs = performance.now() + this.policy.patienceMs;
    let door: HttpDoor | undefined;
    for (let attempt = 1; ; attempt++) {
      door = this.rota.next(door);
      const leftMs = giveUpAtMs - performance.now();
      const end = await this.attempt(request, door, Math.min(this.policy.attemptTimeoutMs, Math.max(1, leftMs)));
      if (!isWorthRepeating(end)) return { ...end, attempts: attempt, isSettled: true };
      const isElsewhere = end.status === 503 && this.rota.hasOtherThan(door);
      const asked = isElsewhere ? { ...end, retryAfterMs: 0 } : end;
      const pause = pauseMs(this.policy, attempt, asked, Math.random());
      if (performance.now() + pause >= giveUpAtMs) return { ...end, attempts: attempt, isSettled: false };
      await sleep(pause);
    }
  }

  private async attempt(request: Request, door: HttpDoor, timeoutMs: number) {
    this.attempts += 1;
    const n = ++this.lastN;
    if (request.op !== 'browse') await this.journal?.write(this.intentOf(request, n, door.url));
    const answer = await send(door, request.call, timeoutMs);
    if (answer === undefined || answer.status === 503) this.rota.passOver(door);
    else this.rota.serves(door);
    const read = readAnswer(request.op, answer);
    if (this.journal && request.op !== 'browse') {
      const digest = answer ? digestOf(answer.body) : undefined;
      const { status, code, orderId, orderStatus, isReplay } = read;
      const facts = { status, digest, code, orderId: orderId ?? request.orderId, orderStatus, isReplay };
      await this.journal.write({ kind: 'answer', n, run: this.run, atMs: Date.now(), ...facts });
    }
    return read;
  }

  private intentOf({ op, customer, key, digest, orderId }: Request, n: number, door: string): IntentLine {
    return {
      kind: 'intent',
      n,
      run: this.run,
      atMs: Date.now(),
      op,
      customer: customer.id,
      key,
      digest,
      orderId,
      door,
    };
  }
}

const NOBODY: Customer = { id: '', token: '' };

const digestOf = (bytes: string | Buffer): string => hash('sha256', bytes, 'base64url');

async function send(door: HttpDoor, call: HttpCall, timeoutMs: number): Promise<HttpAnswer | undefined> {
  try {
    return await door.call(call, timeoutMs);
  } catch (error) {
    if (error instanceof NoAnswerError) return undefined;
    throw error;
  }
}
