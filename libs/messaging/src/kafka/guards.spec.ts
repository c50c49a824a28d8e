import { createRequire } from 'node:module';
import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { comeBackAs, GUARDED_VERSION, guardKafkajs } from './guards.js';

const require = createRequire(import.meta.url);
const { prototype: queue } = require('kafkajs/src/network/requestQueue');
const { prototype: group } = require('kafkajs/src/consumer/consumerGroup');
const { prototype: offsets } = require('kafkajs/src/consumer/offsetManager');

const connectionError = () => Object.assign(new Error('connect ECONNREFUSED'), { name: 'KafkaJSConnectionError' });
/** Stands for kafkajs' insides: whatever is called on it does the same. */
const doing = (act: () => Promise<unknown>) => new Proxy({}, { get: () => act });

describe(guardKafkajs.name, () => {
  beforeAll(() => guardKafkajs());
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('refuses any other version than the one it was written for', () => {
    expect(() => guardKafkajs('2.2.5')).toThrow(GUARDED_VERSION);
  });

  describe('the timer of an idle queue', () => {
    it('is not set while nothing waits, and is set as ever when something does', () => {
      queue.scheduleCheckPendingRequests.call({ pending: [], throttledUntil: -1 });
      expect(jest.getTimerCount()).toBe(0);
      queue.scheduleCheckPendingRequests.call({ pending: [{}], throttledUntil: -1 });
      expect(jest.getTimerCount()).toBe(1);
    });
  });

  describe('an unreachable coordinator', () => {
    it.each([
      ['heartbeat', group, doing(() => Promise.reject(connectionError()))],
      ['commitOffsets', offsets, { getCoordinator: () => Promise.reject(connectionError()) }],
    ])('counts as one that moved, on %s', async (method, prototype, self) => {
      const call = prototype[method].call(self, { interval: 1, topics: [{}] });
      await expect(call).rejects.toMatchObject({ type: 'NOT_COORDINATOR_FOR_GROUP' });
    });

    it('leaves what the coordinator itself says as it is', async () => {
      const said = Object.assign(new Error(), { name: 'KafkaJSProtocolError', type: 'REBALANCE_IN_PROGRESS' });
      await expect(
        group.heartbeat.call(
          doing(() => Promise.reject(said)),
          {},
        ),
      ).rejects.toBe(said);
      expect(said.type).toBe('REBALANCE_IN_PROGRESS');
    });
  });

  describe('a coordinator that still loads', () => {
    it('is asked again until it is ready', async () => {
      let asked = 0;
      const loading = Object.assign(new Error(), { type: 'GROUP_LOAD_IN_PROGRESS' });
      const join = group.joinAndSync.call(doing(async () => (++asked < 4 ? Promise.reject(loading) : 'joined')));
      await jest.advanceTimersByTimeAsync(2_000);
      await expect(join).resolves.toBe('joined');
      expect(asked).toBe(4);
    });

    it('is no reason to wait when the join fails for good', async () => {
      const denied = Object.assign(new Error(), { type: 'GROUP_AUTHORIZATION_FAILED' });
      await expect(group.joinAndSync.call(doing(() => Promise.reject(denied)))).rejects.toBe(denied);
    });
  });

  describe('a client made anew', () => {
    it('joins as the member it was, and under a new id once the coordinator has refused that one', async () => {
      const ids: (string | null)[] = [];
      const self = {
        memberId: null,
        retrier: async () => void ids.push(self.memberId),
      };
      await comeBackAs('member-1', async () => {
        await group.joinAndSync.call(self);
        self.memberId = null;
        await group.joinAndSync.call(self);
      });
      expect(ids).toEqual(['member-1', null]);
    });

    it('joins as a new member when it was none', async () => {
      const self = { memberId: null, retrier: async () => self.memberId };
      await expect(comeBackAs(undefined, () => group.joinAndSync.call(self))).resolves.toBeNull();
    });
  });
});
