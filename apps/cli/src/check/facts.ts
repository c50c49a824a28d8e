import type { EventType, LedgerItem, OrderStatus, PaymentStatus } from '#libs/contracts';

/** A 201 that a client was given. */
export type Acknowledgement = { orderId: string; customer: string; key: string; atMs: number };

/** A 404 that a client was given for an order it knew. `askedAtMs` is when it asked. */
export type Miss = { orderId: string; door: string; askedAtMs: number };

/** An order as the database has it. */
export type OrderFact = {
  orderId: string;
  paymentId: string;
  customer: string;
  status: OrderStatus;
  currency: string;
  totalMinor: number;
  eventSeq: number;
  createdAtMs: number;
};

/** A stored answer of `POST /orders`. */
export type StoredKey = { orderId: string; status: number };

/** A payment as the database has it. */
export type PaymentFact = {
  paymentId: string;
  orderId: string;
  status: PaymentStatus;
  currency: string;
  amountMinor: number;
  provider?: string | undefined;
  seq: number;
};

/** A line of a provider's ledger. */
export type LedgerFact = LedgerItem & { provider: string };

/** A row of an outbox; `consumers` are those that remember it in their inbox. */
export type EventFact = {
  eventId: string;
  id: number;
  type: EventType;
  aggregateId: string;
  seq: number;
  topic: string;
  lane: number;
  occurredAtMs: number;
  consumers: readonly string[];
};

/** A record on the bus, dead letters included. */
export type RecordFact = { eventId: string; topic: string; lane: number; position: number };

/** Everything known about one order, its payment and its money; all lists may be empty. */
export type Dossier = {
  paymentId: string;
  acknowledgements: Acknowledgement[];
  misses: Miss[];
  orders: OrderFact[];
  keys: StoredKey[];
  payments: PaymentFact[];
  ledger: LedgerFact[];
  events: EventFact[];
  records: RecordFact[];
};

/** An answer to an attempt under a key; `digest` is of the response's bytes. */
export type KeyAnswer = { status: number; code?: string | undefined; digest: string; orderId?: string | undefined };

/** What a client did under one idempotency key, and was told, by digest of the request's body. */
export type KeyDossier = { customer: string; key: string; answers: (KeyAnswer & { request: string })[] };

/** Pieces of a SKU: all ever stocked, what is free, and what orders hold that are not cancelled. */
export type ShelfFact = { sku: string; stocked: number; available: number; sold: number };

/** Somebody acted on a resource under a fencing token. In order of acting. */
export type FencedAct = { resource: string; token: number; actor: string; atMs: number };

/** What the checker measures time by. */
export type Timeline = {
  /** When the last fault was healed, or the load ended. */
  healedAtMs: number;
  /** Facts older than this may have left the tables by age: their absence proves nothing. */
  outboxSinceMs: number;
  keysSinceMs: number;
};
