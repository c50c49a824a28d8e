import { AsyncLocalStorage } from 'node:async_hooks';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** The version of kafkajs whose insides are patched here; any other must be looked at again before it runs. */
export const GUARDED_VERSION = '2.2.4';

/** How often a joining member asks a coordinator that is not ready, and how long it waits in between, in ms. */
const MAX_JOIN_ATTEMPTS = 20;
const JOIN_PAUSE_MS = 250;

type Patchable = { prototype: Record<string, (...args: never[]) => unknown> };
type KafkaError = { name?: string; type?: string };

const UNREACHABLE = /Connection|BrokerNotFound|^KafkaJSError$/;
const NOT_READY = /Connection|CoordinatorNotFound|BrokerNotFound|NumberOfRetries/;

let guarded = false;
const formerMember = new AsyncLocalStorage<string>();

/**
 * Closes four faults of kafkajs 2.2.4, once per process: its queue's timer that spins every ms while nothing waits; a
 * consumer that asks an unreachable coordinator until it crashes, instead of looking for the new one; a join that gives
 * up when the coordinator is still loading; and a client made anew that the group takes for one more member, see
 * {@link comeBackAs}.
 * @throws Error with any other version of kafkajs
 */
export function guardKafkajs(version: string = require('kafkajs/package.json').version): void {
  if (version !== GUARDED_VERSION) {
    throw new Error(
      `kafkajs is ${version}, the guards are for ${GUARDED_VERSION}: check them against its source first.`,
    );
  }
  if (guarded) return;
  guarded = true;
  guardIdleQueue(require('kafkajs/src/network/requestQueue'));
  guardCoordinator(require('kafkajs/src/consumer/consumerGroup'), 'heartbeat');
  guardCoordinator(require('kafkajs/src/consumer/offsetManager'), 'commitOffsets');
  guardJoin(require('kafkajs/src/consumer/consumerGroup'));
  guardFormerMember(require('kafkajs/src/consumer/consumerGroup'));
}

/**
 * Lets a client made anew, whose consumer starts in `start`, join as the member that its crashed forerunner was. As a new
 * one it would wait until the forerunner's session ends, because the group expects that one at its rebalance. A coordinator
 * that does not know the id any more gives it a new one.
 */
export function comeBackAs<T>(memberId: string | undefined, start: () => Promise<T>): Promise<T> {
  return memberId === undefined ? start() : formerMember.run(memberId, start);
}

/** Without pending requests and throttling there is nothing to check: 6 % of a core per idle process otherwise. */
function guardIdleQueue({ prototype }: Patchable): void {
  const schedule = prototype.scheduleCheckPendingRequests as () => unknown;
  prototype.scheduleCheckPendingRequests = function (this: { pending: unknown[]; throttledUntil: number }) {
    if (this.pending.length === 0 && this.throttledUntil <= Date.now()) return undefined;
    return schedule.call(this);
  };
}

/** An unreachable coordinator counts as one that moved: the member finds the new one and keeps its id. */
function guardCoordinator({ prototype }: Patchable, method: string): void {
  const call = prototype[method] as (args: unknown) => Promise<unknown>;
  prototype[method] = function (this: unknown, args: unknown) {
    return call.call(this, args).catch((error: KafkaError) => {
      if (error.type === undefined && UNREACHABLE.test(error.name ?? '')) error.type = 'NOT_COORDINATOR_FOR_GROUP';
      throw error;
    });
  };
}

/** A coordinator that loads, or has just gone, is waited for. */
function guardJoin({ prototype }: Patchable): void {
  const join = prototype.joinAndSync as () => Promise<unknown>;
  prototype.joinAndSync = async function (this: unknown) {
    for (let attempt = 1; ; attempt++) {
      try {
        return await join.call(this);
      } catch (error) {
        const { type, name } = error as KafkaError;
        const heals = type === 'GROUP_LOAD_IN_PROGRESS' || NOT_READY.test(name ?? '');
        if (!heals || attempt > MAX_JOIN_ATTEMPTS) throw error;
        await new Promise((resolve) => setTimeout(resolve, JOIN_PAUSE_MS));
      }
    }
  };
}

/** Only at the first join: an id that the coordinator has refused is not tried twice. */
function guardFormerMember({ prototype }: Patchable): void {
  const join = prototype.joinAndSync as () => Promise<unknown>;
  const joined = new WeakSet<object>();
  prototype.joinAndSync = function (this: { memberId: string | null }) {
    if (!joined.has(this)) this.memberId ??= formerMember.getStore() ?? null;
    joined.add(this);
    return join.call(this);
  };
}
