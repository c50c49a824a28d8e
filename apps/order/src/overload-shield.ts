import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ConfigOf, InjectConfig } from '#libs/config';
import { PROBLEM_CONTENT_TYPE } from '#libs/contracts';
import { toProblem } from '#libs/service-defaults';
import { gauge } from '#libs/telemetry';
import { orderConfig } from './order.config.js';
import { shed } from './order.errors.js';
import { ordersRefused } from './order.metrics.js';
import { RecentKeys } from './recent-keys.js';
import { ShedRatio } from './shed-ratio.js';

/** A client tries a key again for 15 s (R11): whoever was let in once is let in again. */
const KEY_MEMORY_MS = 15_000;
const SAMPLE_MS = 25;
const RETRY_MS = 1_000;

const shedRatio = gauge('order_shed_ratio', 'Share of new orders sent away at the door, 0 to 1.');

/**
 * Sends new orders away before body, token and schema are looked at, when the process is too busy to work them off: a
 * tenth of the price of an order. Reads, cancellations and keys that were let in before pass.
 */
@Injectable()
export class OverloadShield implements OnModuleInit, OnModuleDestroy {
  private readonly ratio: ShedRatio;
  private readonly keys = new RecentKeys(KEY_MEMORY_MS);
  private timer: NodeJS.Timeout | undefined;
  private dueAtMs = 0;

  constructor(
    private readonly host: HttpAdapterHost,
    @InjectConfig(orderConfig) config: ConfigOf<typeof orderConfig>,
  ) {
    this.ratio = new ShedRatio(config.admissionTargetWaitMs);
  }

  /** Before Nest registers the routes: a hook is only seen by routes that come after it. */
  onModuleInit(): void {
    const fastify = this.host.httpAdapter?.getInstance<FastifyInstance>();
    fastify?.addHook('onRequest', (request, reply, done) => {
      if (this.admits(request)) done();
      else sendAway(request, reply);
    });
    this.dueAtMs = performance.now() + SAMPLE_MS;
    this.timer = setInterval(() => this.sample(), SAMPLE_MS);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  private admits(request: FastifyRequest): boolean {
    if (request.method !== 'POST' || request.url !== '/orders') return true;
    const key = String(request.headers['idempotency-key']);
    if (this.ratio.ratio > 0 && Math.random() < this.ratio.ratio && !this.keys.has(key)) return false;
    this.keys.add(key);
    return true;
  }

  private sample(): void {
    const nowMs = performance.now();
    this.ratio.observe(nowMs - this.dueAtMs);
    this.dueAtMs = nowMs + SAMPLE_MS;
    shedRatio.set(this.ratio.ratio);
  }
}

function sendAway(request: FastifyRequest, reply: FastifyReply): void {
  ordersRefused.inc({ reason: 'overloaded' });
  // Spread, or all of them would come back in the same moment.
  const { status, body, retryAfterSeconds } = toProblem(shed(RETRY_MS * (1 + Math.random())), request.id);
  void reply
    .code(status)
    .header('retry-after', retryAfterSeconds ?? 1)
    .type(PROBLEM_CONTENT_TYPE)
    .serializer(asIs)
    .send(JSON.stringify(body));
}

const asIs = (body: unknown): string => body as string;
