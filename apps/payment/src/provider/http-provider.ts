import { Pool } from 'undici';
import { z } from 'zod';
import {
  type ChargeBody,
  type LedgerItem,
  ledgerItem,
  PSP_KEY_HEADER,
  type PspResult,
  pspResult,
  type RefundBody,
} from '#libs/contracts';
import { CallNotMade, CallPolicy, type CallPolicySettings } from '#libs/resilience';
import { RequestContext } from '#libs/telemetry';
import type { ProviderEndpoint } from '../payment.config.js';
import { Provider, type ProviderAnswer, type QueryAnswer } from './provider.js';
import { isConnectionRefused, readJson } from './wire.js';

const CIRCUIT = 'payment-circuit';
/** Time limit of what no customer waits for: a page of the ledger. */
const LEDGER_TIME_LIMIT_MS = 5000;
const KEEP_ALIVE_MS = 4000;

const resultList = z.object({ items: z.array(pspResult).max(1000) });
const ledgerPage = z.object({ items: z.array(ledgerItem) });

type Call = { readonly method: 'GET' | 'POST'; readonly path: string; readonly key?: string; readonly body?: object };

/** A provider over HTTP, behind its own circuit breaker, attempts, bulkhead and time limit. */
export class HttpProvider extends Provider {
  readonly name: string;
  private readonly policy: CallPolicy;
  private readonly pool: Pool;

  constructor(endpoint: ProviderEndpoint, settings: CallPolicySettings) {
    super();
    this.name = endpoint.name;
    this.policy = new CallPolicy(CIRCUIT, endpoint.name, settings);
    this.pool = new Pool(endpoint.url, {
      connections: settings.bulkheadSize + 2,
      connect: { timeout: settings.timeLimitMs },
      keepAliveTimeout: KEEP_ALIVE_MS,
    });
  }

  get capacity(): number {
    return this.policy.capacity;
  }

  get circuit() {
    return this.policy.state;
  }

  charge(key: string, body: ChargeBody): Promise<ProviderAnswer> {
    return this.result({ method: 'POST', path: '/charges', key, body });
  }

  void(key: string, body: RefundBody): Promise<ProviderAnswer> {
    return this.result({ method: 'POST', path: `/charges/${encodeURIComponent(key)}/void`, key, body });
  }

  refund(key: string, body: RefundBody): Promise<ProviderAnswer> {
    return this.result({ method: 'POST', path: '/refunds', key, body });
  }

  async query(reference: string): Promise<QueryAnswer> {
    const path = `/charges?reference=${encodeURIComponent(reference)}`;
    const answer = await this.ask({ method: 'GET', path }, resultList);
    return 'value' in answer ? { kind: 'results', results: answer.value.items } : answer;
  }

  async ledger(afterSeq: number, limit: number): Promise<readonly LedgerItem[]> {
    const path = `/ledger?after=${afterSeq}&limit=${limit}`;
    const { status, json } = await this.send({ method: 'GET', path }, AbortSignal.timeout(LEDGER_TIME_LIMIT_MS));
    if (status !== 200) throw new Error(`${this.name} answered ${status} instead of its ledger.`);
    return ledgerPage.parse(json).items;
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }

  private async result(call: Call): Promise<ProviderAnswer> {
    const answer = await this.ask<PspResult>(call, pspResult);
    if (!('value' in answer)) return answer;
    const isMine = answer.value.idempotencyKey === call.key;
    return isMine ? { kind: 'result', result: answer.value } : { kind: 'unanswered', reason: 'answer to another key' };
  }

  /** Attempts by the policy. What they prove together is decided here: one that was not refused outright proves nothing. */
  private async ask<T>(
    call: Call,
    schema: z.ZodType<T>,
  ): Promise<{ value: T } | Exclude<ProviderAnswer, { kind: 'result' }>> {
    const attempts: Array<{ refused: boolean }> = [];
    try {
      return await this.policy.execute(async ({ signal }) => {
        const attempt = { refused: false };
        attempts.push(attempt);
        try {
          return this.read(await this.send(call, signal), schema);
        } catch (error) {
          attempt.refused = isConnectionRefused(error);
          throw error;
        }
      });
    } catch (error) {
      if (attempts.length === 0 && error instanceof CallNotMade) return { kind: 'not-asked' };
      if (attempts.length > 0 && attempts.every(({ refused }) => refused)) return { kind: 'unreachable' };
      return { kind: 'unanswered', reason: error instanceof Error ? error.message : String(error) };
    }
  }

  /** A 4xx is an answer of a healthy provider, so neither repeated nor held against it; but it settles nothing. */
  private read<T>({ status, json }: Wire, schema: z.ZodType<T>): { value: T } | { kind: 'unanswered'; reason: string } {
    if (status === 200) return { value: schema.parse(json) };
    if (status >= 500 || status === 408 || status === 429) throw new Error(`${this.name} answered ${status}`);
    return { kind: 'unanswered', reason: `${this.name} answered ${status}` };
  }

  private async send({ method, path, key, body }: Call, signal: AbortSignal): Promise<Wire> {
    const { correlationId, traceparent } = RequestContext.current();
    const response = await this.pool.request({
      method,
      path,
      signal,
      headers: {
        'x-correlation-id': correlationId,
        traceparent,
        ...(key !== undefined && { [PSP_KEY_HEADER]: key }),
        ...(body && { 'content-type': 'application/json' }),
      },
      body: body ? JSON.stringify(body) : null,
    });
    return { status: response.statusCode, json: await readJson(response) };
  }
}

type Wire = { readonly status: number; readonly json: unknown };
