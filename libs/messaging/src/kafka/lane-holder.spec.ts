import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { ORDER_EVENTS } from '#libs/contracts';
import { AppError } from '#libs/errors';
import { LaneHolder } from './lane-holder.js';
import { COMMIT_WITHIN_MS } from './offset-commits.js';

const message = (offset: number): KafkaMessage =>
  ({ offset: String(offset), key: Buffer.from('k'), value: Buffer.from(`${offset}`), headers: {} }) as never;

/** One call of kafkajs: what it is told is written down. */
function batchOf(offsets: number[]) {
  const said = { resolved: [] as string[], committed: [] as string[], paused: 0, resumed: 0 };
  const payload = {
    batch: {
      topic: ORDER_EVENTS,
      partition: 4,
      highWatermark: '9',
      messages: offsets.map(message),
      firstOffset: () => String(offsets[0]),
    },
    resolveOffset: (offset: string) => said.resolved.push(offset),
    uncommittedOffsets: () => said.resolved.at(-1),
    commitOffsetsIfNecessary: async (upTo: string) => void said.committed.push(upTo),
    heartbeat: async () => undefined,
    isRunning: () => true,
    isStale: () => false,
    pause: () => {
      said.paused += 1;
      return () => {
        said.resumed += 1;
      };
    },
  };
  return { payload: payload as unknown as EachBatchPayload, said };
}

const poison = () => Promise.reject(new AppError({ code: 'event-invalid', kind: 'poison', message: 'No.' }));

describe(LaneHolder.name, () => {
  const dead: string[] = [];
  const holding = (handle: (offset: string) => Promise<void>): LaneHolder =>
    new LaneHolder({
      group: 'g',
      handle: (record) => handle(record.offset),
      publish: async (_topic, _lane, events) => void dead.push(...events.map((event) => event.value)),
    });

  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  describe('when all effects are made', () => {
    it('commits what all batches of half a second resolved at once', async () => {
      const { payload, said } = batchOf([5, 6]);
      const later = batchOf([7]);
      const holder = holding(async () => undefined);
      await holder.eachBatch(payload);
      await holder.eachBatch(later.payload);
      expect(said).toEqual({ resolved: ['6'], committed: [], paused: 0, resumed: 0 });
      await jest.advanceTimersByTimeAsync(COMMIT_WITHIN_MS);
      expect([said.committed, later.said.committed]).toEqual([[], ['7']]);
    });

    it('commits before it leaves', async () => {
      const { payload, said } = batchOf([5]);
      const holder = holding(async () => undefined);
      await holder.eachBatch(payload);
      await holder.flush();
      expect(said.committed).toEqual(['5']);
    });
  });

  describe('when an effect fails', () => {
    it('commits what was done, pauses the lane, throws nothing, and resumes by itself', async () => {
      const { payload, said } = batchOf([5, 6, 7]);
      const holder = holding((offset) =>
        offset === '6' ? Promise.reject(new Error('no primary')) : Promise.resolve(),
      );
      await holder.eachBatch(payload);
      expect(said).toEqual({ resolved: ['5'], committed: [], paused: 1, resumed: 0 });
      expect(holder.stuck).toMatchObject([{ lane: 4, attempts: 1, error: 'Error: no primary' }]);
      await jest.advanceTimersByTimeAsync(150);
      expect(said.resumed).toBe(1);
    });

    it('does not start a record again beside its own slow attempt', async () => {
      let started = 0;
      let finish = () => {};
      const holder = holding(() => {
        started += 1;
        return new Promise((resolve) => {
          finish = resolve;
        });
      });
      const first = holder.eachBatch(batchOf([5]).payload);
      await jest.advanceTimersByTimeAsync(4_500);
      await first;
      const again = batchOf([5]);
      const second = holder.eachBatch(again.payload);
      await jest.advanceTimersByTimeAsync(100);
      finish();
      await second;
      expect([started, again.said.resolved]).toEqual([1, ['5']]);
    });
  });

  describe('when a record is poison', () => {
    it('buries it at the fifth attempt and goes on', async () => {
      const holder = holding((offset) => (offset === '5' ? poison() : Promise.resolve()));
      for (let attempt = 1; attempt < 5; attempt++) {
        const { payload, said } = batchOf([5, 6]);
        await holder.eachBatch(payload);
        expect(said.resolved).toEqual([]);
      }
      const { payload, said } = batchOf([5, 6]);
      await holder.eachBatch(payload);
      expect([said.resolved, dead]).toEqual([['5', '6'], ['5']]);
    });
  });
});
