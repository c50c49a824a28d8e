import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { ORDER_EVENTS } from '#libs/contracts';
import { AppError } from '#libs/errors';
import { LaneHolder } from './lane-holder.js';

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
    commitOffsetsIfNecessary: async (commit: { topics: { partitions: { offset: string }[] }[] }) => {
      said.committed.push(commit.topics[0]?.partitions[0]?.offset ?? '');
    },
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
    it('commits the offset after the last record', async () => {
      const { payload, said } = batchOf([5, 6]);
      await holding(async () => undefined).eachBatch(payload);
      expect(said).toEqual({ resolved: ['5', '6'], committed: ['7'], paused: 0, resumed: 0 });
    });
  });

  describe('when an effect fails', () => {
    it('commits what was done, pauses the lane, throws nothing, and resumes by itself', async () => {
      const { payload, said } = batchOf([5, 6, 7]);
      const holder = holding((offset) =>
        offset === '6' ? Promise.reject(new Error('no primary')) : Promise.resolve(),
      );
      await holder.eachBatch(payload);
      expect(said).toEqual({ resolved: ['5'], committed: ['6'], paused: 1, resumed: 0 });
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
