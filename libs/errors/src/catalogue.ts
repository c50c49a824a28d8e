import type { ErrorKind } from './kind.js';

/** What a reader of `docs/errors.md` learns about a code. */
export type CatalogueEntry = {
  readonly kind: ErrorKind;
  /** One sentence: what happened. */
  readonly meaning: string;
  /** One sentence: what to do about it. */
  readonly cure: string;
};

const entry = (kind: ErrorKind, meaning: string, cure: string): CatalogueEntry => ({ kind, meaning, cure });

/** Every error code there is, sorted by part. `docs/errors.md` is generated from it. */
export const errorCatalogue = {
  // Requests
  'invalid-request': entry(
    'invalid',
    'A field, parameter or header has a wrong type, shape or range, or is not known.',
    'Correct what `errors` and `detail` name; the interface is described at `/docs`.',
  ),
  'malformed-request': entry(
    'invalid',
    'The request cannot be read: broken JSON, an empty body, bad percent encoding, a broken header.',
    'Send well-formed HTTP with a JSON body.',
  ),
  'body-too-large': entry('too-large', 'The body is larger than 65,536 bytes.', 'Send a smaller body.'),
  'unsupported-media-type': entry(
    'unsupported-media-type',
    'The body is not declared as JSON.',
    'Send the header `Content-Type: application/json`.',
  ),
  'request-timeout': entry('invalid', 'The request did not arrive in time.', 'Send it again, without pauses.'),
  'route-not-found': entry('not-found', 'No such method and path.', 'See `/docs` for the calls there are.'),
  'request-refused': entry('invalid', 'The request was refused before it reached its handler.', 'See `detail`.'),
  unauthenticated: entry(
    'unauthenticated',
    'There is no bearer token, or it is expired, forged, or not for this system.',
    'Get a token (`./twofold token --customer <id>`) and send it as `Authorization: Bearer <token>`.',
  ),
  forbidden: entry('forbidden', 'The token is good but does not allow this call.', 'Use an operator token.'),
  // Load and availability
  'rate-limited': entry('overloaded', 'Too many requests of one customer.', 'Wait for `Retry-After` seconds.'),
  overloaded: entry('overloaded', 'The service sheds load to stay fast.', 'Wait for `Retry-After` seconds.'),
  unavailable: entry(
    'unavailable',
    'Something the call needs is down, and nothing was done.',
    'Send the same request again after `Retry-After` seconds.',
  ),
  'no-available-instance': entry(
    'unavailable',
    'Every instance of another service that the call needs is gone or failing.',
    'Send the same request again after `Retry-After` seconds.',
  ),
  'shutting-down': entry(
    'unavailable',
    'This instance is stopping, and nothing was done.',
    'Send the same request again; another instance answers.',
  ),
  'outcome-unknown': entry(
    'unknown-outcome',
    'The connection broke while the change was being committed: it happened or it did not.',
    'Repeat the request with the same `Idempotency-Key`: it is done once and answers the same.',
  ),
  // Orders
  'idempotency-key-missing': entry(
    'invalid',
    'An order was sent without a usable `Idempotency-Key`.',
    'Send the header with 1 to 255 characters: a new one per order, the same one when you try again.',
  ),
  'idempotency-key-reused': entry(
    'unprocessable',
    'The `Idempotency-Key` was first used with another body.',
    'Send a new key for a new order, or the first body for the first answer.',
  ),
  'idempotency-in-flight': entry(
    'in-flight',
    'The first request with this `Idempotency-Key` is still being worked on.',
    'Send the same request again after `Retry-After` seconds.',
  ),
  'unknown-sku': entry('not-found', 'There is no product with this SKU.', 'Take SKUs from `GET /products`.'),
  'stock-exhausted': entry(
    'conflict',
    'Fewer pieces are left than were ordered; nothing was ordered.',
    'Order fewer pieces or something else, under a new `Idempotency-Key`: this answer is kept under the old one.',
  ),
  'catalogue-changing': entry(
    'unavailable',
    'Prices changed while the order was being placed; nothing was ordered.',
    'Send the same request again.',
  ),
  'order-not-found': entry('not-found', 'You have no order with this id.', 'Take ids from `GET /orders`.'),
  'not-cancellable': entry(
    'conflict',
    'Only orders that are PLACED or CONFIRMED can be cancelled.',
    'Look at the status of the order: it may have been cancelled for you already.',
  ),
  'event-gap': entry(
    'unavailable',
    'An event came before an earlier one of the same payment.',
    'Nothing: the lane waits for the earlier one, a few seconds at most.',
  ),
  'illegal-move': entry(
    'poison',
    'An event would move an order where the state machine does not allow.',
    'Compare the order with its events in the dead-letter topic: they contradict each other.',
  ),
  'stray-payment-event': entry(
    'poison',
    'A payment event names an order that does not exist.',
    'Find out where the event came from; it lies in the dead-letter topic.',
  ),
  // Events
  'bus-unavailable': entry(
    'unavailable',
    'The event bus did not confirm the events: they arrived or they did not.',
    'Send the same batch again; consumers absorb duplicates.',
  ),
  'event-invalid': entry(
    'poison',
    'A record is not an event of the contract.',
    'Look at it on the dead-letter topic of its topic, correct the producer, and send it again.',
  ),
  // Provider simulator
  'psp-key-missing': entry('invalid', 'An act of money came without an idempotency key.', 'Send `Idempotency-Key`.'),
  'psp-key-reused': entry(
    'unprocessable',
    'A provider key was first used for another act of money.',
    'Send a new key for a new act.',
  ),
  'psp-nothing-to-refund': entry(
    'unprocessable',
    'More was to be refunded than had been charged for the reference.',
    'Refund at most what was charged.',
  ),
  'psp-failed': entry(
    'unavailable',
    'The provider simulator failed on purpose, by test token or fault, and did nothing.',
    'Repeat with the same key.',
  ),
  // Redis
  'redis-unavailable': entry(
    'unavailable',
    'Redis cannot be asked right now. It never reaches a client: caches miss, limits and gates open.',
    'Look at the Sentinels; orders go on.',
  ),
  'stock-gate-unavailable': entry(
    'unavailable',
    'The stock gate cannot be reached and is set to fail closed.',
    'Wait until Redis is back, or set `STOCK_GATE=fail-open`.',
  ),
  'call-not-made': entry(
    'unavailable',
    'Another service was not called, because too many calls to it fail or run already.',
    'Send the same request again after `Retry-After` seconds.',
  ),
  'call-timed-out': entry(
    'unknown-outcome',
    'Another service did not answer in time: it did what it was asked or it did not.',
    'Repeat the request with the same key.',
  ),
  // Payments
  'unknown-target': entry(
    'not-found',
    'The monitor watches nothing of this name.',
    'Take names from `GET /api/state`.',
  ),
  'payment-not-found': entry('not-found', 'There is no such payment.', 'Check the id.'),
  'payment-contradicted': entry(
    'poison',
    'An event or a provider says something about a payment that contradicts what is recorded.',
    'Compare the payment with the order and the ledger of the provider; see the log.',
  ),
  'payment-event-early': entry(
    'unavailable',
    'An event came before the one it follows; the lane waits for it.',
    'Nothing: it is tried again by itself.',
  ),
  // The command line
  'port-in-use': entry(
    'conflict',
    'Another process listens on a port that Twofold needs.',
    'Stop that process, or start on other ports with `TWOFOLD_INSTANCE=1 ./twofold up`.',
  ),
  'already-running': entry('conflict', 'This instance runs already.', '`./twofold down` stops it.'),
  'not-running': entry(
    'not-found',
    'The command needs a running system, and none runs.',
    'Start it with `./twofold up`.',
  ),
  'start-failed': entry('unavailable', 'A part of the system did not start.', 'See `.twofold/logs/`.'),
  // Ours
  'config-invalid': entry(
    'bug',
    'The process was started with settings it cannot use.',
    'Correct every setting the message names; see `docs/configuration.md`.',
  ),
  'key-invalid': entry(
    'bug',
    'A key or key set cannot be read, or is not an ES256 key.',
    'Create the keys again (`./twofold reset` in lite), or correct the file the message names.',
  ),
  'internal-error': entry('bug', 'A fault of ours.', 'Report it with the correlation id; it is in the log.'),
} as const satisfies Record<string, CatalogueEntry>;

/** A code of {@link errorCatalogue}. */
export type ErrorCode = keyof typeof errorCatalogue;
