import { describe, expect, it } from '@jest/globals';
import { paymentIdOf, uuidv7 } from '#libs/contracts';
import { emptyDossier } from './fact-store.js';
import { settledOnly } from './settled-only.js';

const UNTIL_MS = Date.UTC(2026, 10, 27);
const placedAt = (ms: number) => emptyDossier(paymentIdOf(uuidv7(ms)));

describe(settledOnly, () => {
  it('keeps what strangers placed long ago', () => {
    expect([...settledOnly([placedAt(UNTIL_MS)], UNTIL_MS)]).toHaveLength(1);
  });

  it('leaves out what strangers placed just now, also where the order itself was not read', () => {
    const half = placedAt(UNTIL_MS + 1);
    half.records.push({ eventId: uuidv7(UNTIL_MS + 2), topic: 'order-events', lane: 3, position: 7 });
    expect([...settledOnly([half], UNTIL_MS)]).toEqual([]);
  });

  it('keeps what the journal was answered, however new', () => {
    const own = placedAt(UNTIL_MS + 1);
    own.acknowledgements.push({ orderId: uuidv7(), customer: 'ada', key: 'k', atMs: UNTIL_MS + 2 });
    expect([...settledOnly([own], UNTIL_MS)]).toEqual([own]);
  });
});
