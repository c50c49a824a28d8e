import { Injectable } from '@nestjs/common';
import { type ConfigOf, InjectConfig } from '#libs/config';
import { DEFAULT_CURRENCY, ORDER_EVENTS, type PlaceOrderBody } from '#libs/contracts';
import { Database } from '#libs/database';
import { crashPoint } from '#libs/drill';
import { AdmissionLimit } from './admission-limit.js';
import { Catalogue } from './catalogue.js';
import { HotStock } from './hot-stock.js';
import { orderConfig } from './order.config.js';
import { catalogueChanging, keyInFlight, keyReused, shed, unknownSku } from './order.errors.js';
import {
  admission,
  batchOrders,
  batchWait,
  isReal,
  ordersPlaced,
  ordersRefused,
  ordersReplayed,
} from './order.metrics.js';
import { type Draft, draftOrder, type RequestKey, requestKey } from './order-draft.js';
import { type Placement, PlacementBatch } from './placement-batch.js';
import { type PlacementVerdict, placeBatch, placeBatchValues } from './sql/place-batch.js';
import { STOCK_EXHAUSTED_TEMPLATE } from './stock-exhausted.js';

/** An order as its customer sends it. */
export type PlaceOrderRequest = {
  readonly customerId: string;
  readonly idempotencyKey: string;
  readonly body: PlaceOrderBody;
  readonly correlationId: string;
  /** Whether the client is gone, so that an order that was not started need not be (R11). */
  readonly isGone?: () => boolean;
};

/** An answer whose bytes are kept: the same key gets the same ones (R3). */
export type PlaceOrderAnswer = {
  readonly status: number;
  readonly location?: string;
  readonly body: string;
  readonly replayed: boolean;
};

/** What one attempt led to, for itself and for requests with the same key that came meanwhile. */
type Attempt = { readonly request: string; readonly answer: PlaceOrderAnswer };

/** Placing again after the price changed, at most so often. */
const MAX_PRICE_CHANGES = 3;
const OVERLOAD_RETRY_MS = 1_000;

/**
 * Places an order: once per customer and key, whatever is repeated, lost or raced. Concurrent orders share one call of the
 * database; the answer is given only after its COMMIT.
 */
@Injectable()
export class PlaceOrder {
  private readonly admission: AdmissionLimit;
  private readonly batch: PlacementBatch;
  /** Attempts under way, by key: equal keys in one process share one (R4). */
  private readonly underWay = new Map<string, Promise<Attempt>>();

  constructor(
    private readonly database: Database,
    private readonly catalogue: Catalogue,
    private readonly hotStock: HotStock,
    @InjectConfig(orderConfig) config: ConfigOf<typeof orderConfig>,
  ) {
    this.admission = new AdmissionLimit({
      maxOrders: config.admissionMaxOrders,
      targetWaitMs: config.admissionTargetWaitMs,
      burstMs: config.admissionBurstMs,
    });
    const limits = {
      maxOrders: config.batchMaxOrders,
      lingerMs: config.batchLingerMs,
      inFlightWaitMs: config.inFlightWaitMs,
      patienceMs: config.patienceMs,
    };
    this.batch = new PlacementBatch(
      (drafts, patienceMs) => this.call(drafts, patienceMs),
      limits,
      (orders, oldestWaitMs) => this.batchReturned(orders, oldestWaitMs),
    );
  }

  /**
   * @throws AppError `unknown-sku`, `idempotency-key-reused`, `idempotency-in-flight`, `overloaded`, `unavailable`,
   * `outcome-unknown`
   */
  async execute(request: PlaceOrderRequest): Promise<PlaceOrderAnswer> {
    const id = requestKey(request.customerId, request.idempotencyKey, request.body);
    for (let twin = this.underWay.get(id.key); twin; twin = this.underWay.get(id.key)) {
      const settled = await twin.catch(() => undefined);
      if (settled) return this.replay(settled, id, request.idempotencyKey);
    }
    const attempt = this.attempt(id, request);
    this.underWay.set(id.key, attempt);
    try {
      return (await attempt).answer;
    } finally {
      this.underWay.delete(id.key);
    }
  }

  private replay(first: Attempt, id: RequestKey, idempotencyKey: string): PlaceOrderAnswer {
    if (first.request !== id.request) throw keyReused(idempotencyKey);
    ordersReplayed.inc();
    return { ...first.answer, replayed: true };
  }

  private async attempt(id: RequestKey, request: PlaceOrderRequest): Promise<Attempt> {
    if (!this.admission.tryEnter()) {
      ordersRefused.inc({ reason: 'overloaded' });
      throw shed(OVERLOAD_RETRY_MS);
    }
    try {
      return await this.placeAtCurrentPrice(id, request);
    } finally {
      this.admission.leave();
    }
  }

  private async placeAtCurrentPrice(id: RequestKey, request: PlaceOrderRequest): Promise<Attempt> {
    for (let changes = 0; changes <= MAX_PRICE_CHANGES; changes++) {
      if (changes > 0) await this.catalogue.refresh();
      const draft = draftOrder(id, request, await this.catalogue.prices());
      const placement = await this.hotStock.behindGate(
        request.body.items,
        () => this.batch.place(draft, request.isGone),
        ({ kind }) => kind === 'created',
      );
      if (placement.kind !== 'price-changed') return this.settle(placement, draft, request);
    }
    throw catalogueChanging();
  }

  private settle(
    placement: Exclude<Placement, { kind: 'price-changed' }>,
    draft: Draft,
    request: PlaceOrderRequest,
  ): Attempt {
    switch (placement.kind) {
      case 'created':
        crashPoint('after-commit-before-answer');
        if (isReal(request.customerId)) ordersPlaced.inc();
        return {
          request: draft.request,
          answer: { status: 201, location: `/orders/${draft.orderId}`, body: draft.body, replayed: false },
        };
      case 'refused':
        ordersRefused.inc({ reason: 'stock-exhausted' });
        return { request: draft.request, answer: { status: 409, body: placement.body, replayed: false } };
      case 'stored':
        return { request: draft.request, answer: this.stored(placement, request.idempotencyKey) };
      case 'in-flight':
        throw keyInFlight();
      case 'unknown-sku':
        throw unknownSku(placement.sku);
    }
  }

  private stored(placement: Extract<Placement, { kind: 'stored' }>, idempotencyKey: string): PlaceOrderAnswer {
    if (!placement.sameRequest) throw keyReused(idempotencyKey);
    ordersReplayed.inc();
    const { status, body, location } = placement;
    return { status, body, ...(location === null ? {} : { location }), replayed: true };
  }

  private call(drafts: readonly Draft[], patienceMs: number): Promise<PlacementVerdict[]> {
    const values = placeBatchValues(drafts, {
      currency: DEFAULT_CURRENCY,
      topic: ORDER_EVENTS,
      refusal: STOCK_EXHAUSTED_TEMPLATE,
    });
    return this.database.call<PlacementVerdict>(placeBatch, values, { patienceMs, repeatable: true });
  }

  private batchReturned(orders: number, oldestWaitMs: number): void {
    this.admission.batchReturned(orders, oldestWaitMs);
    batchOrders.observe(orders);
    batchWait.observe(oldestWaitMs / 1000);
    admission.set({ what: 'inside' }, this.admission.orders);
    admission.set({ what: 'limit' }, this.admission.limit);
  }
}
