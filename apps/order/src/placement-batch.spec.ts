import { describe, expect, it } from '@jest/globals';
import { uuidv7 } from '#libs/contracts';
import { AppError } from '#libs/errors';
import type { Draft } from './order-draft.js';
import { type CallBatch, PlacementBatch } from './placement-batch.js';

const limits = { maxOrders: 10, lingerMs: 1, inFlightWaitMs: 300, patienceMs: 1_000 };
const draft = (key: string): Draft => ({ key, orderId: uuidv7() }) as Draft;
const verdict = (i: number, outcome: 1 | 2 | 3 | 4 | 5) => ({
  i,
  outcome,
  same_request: true,
  order_id: uuidv7(),
  status: null,
  location: null,
  body: null,
});
const unavailable = new AppError({ code: 'unavailable', kind: 'unavailable', message: 'No primary.' });

describe(PlacementBatch.name, () => {
  describe('when many orders come at once', () => {
    it('sends one batch at a time, none larger than the limit, sorted by key', async () => {
      const calls: string[][] = [];
      let underWay = 0;
      const call: CallBatch = async (drafts) => {
        expect(++underWay).toBe(1);
        calls.push(drafts.map((d) => d.key));
        await new Promise((resolve) => setTimeout(resolve, 5));
        underWay--;
        return [];
      };
      const batch = new PlacementBatch(call, limits);
      const keys = Array.from({ length: 25 }, (_, n) => String((n * 7) % 25).padStart(2, '0'));
      const placed = await Promise.all(keys.map((key) => batch.place(draft(key))));
      expect(placed).toEqual(keys.map(() => ({ kind: 'created' })));
      expect(calls.map((call) => call.length)).toEqual([10, 10, 5]);
      expect(calls[0]).toEqual([...calls[0]!].sort());
    });
  });

  describe('when a key is in flight elsewhere', () => {
    it('asks again outside the batch until the wait is over', async () => {
      let calls = 0;
      const batch = new PlacementBatch(async () => (++calls < 3 ? [verdict(1, 2)] : []), limits);
      expect(await batch.place(draft('a'))).toEqual({ kind: 'created' });
      const stuck = new PlacementBatch(async () => [verdict(1, 2)], limits);
      expect(await stuck.place(draft('a'))).toEqual({ kind: 'in-flight' });
    });
  });

  describe('when a call fails', () => {
    it('places one by one after an error of the database', async () => {
      const call: CallBatch = async (drafts) => {
        if (drafts.some((d) => d.key === 'bad')) throw new Error('value out of range');
        return [];
      };
      const batch = new PlacementBatch(call, limits);
      const outcomes = await Promise.allSettled(['a', 'bad', 'c'].map((key) => batch.place(draft(key))));
      expect(outcomes.map((outcome) => outcome.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    });

    it('does not when the database could not be reached: that would multiply the load of an outage', async () => {
      let calls = 0;
      const batch = new PlacementBatch(async () => {
        calls++;
        throw unavailable;
      }, limits);
      const outcomes = await Promise.allSettled(['a', 'b', 'c'].map((key) => batch.place(draft(key))));
      expect(outcomes.every((outcome) => outcome.status === 'rejected')).toBe(true);
      expect(calls).toBe(1);
    });
  });

  describe('when nobody waits for an order any more', () => {
    it('does not start it', async () => {
      const sent: string[] = [];
      const batch = new PlacementBatch(async (drafts) => (sent.push(...drafts.map((d) => d.key)), []), limits);
      const gone = batch.place(draft('gone'), () => true);
      const here = batch.place(draft('here'));
      await expect(gone).rejects.toMatchObject({ kind: 'unavailable' });
      expect(await here).toEqual({ kind: 'created' });
      expect(sent).toEqual(['here']);
    });
  });
});
