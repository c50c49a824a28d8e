import { LANES } from './topics.js';

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * The lane, and so the partition on every topic, of an order: 0 to {@link LANES} - 1. Everything about one order travels
 * in one lane, so it arrives in order.
 * @see http://www.isthe.com/chongo/tech/comp/fnv/ FNV-1a, 32 bit
 */
export function laneOf(orderId: string): number {
  let hash = FNV_OFFSET;
  for (let i = 0; i < orderId.length; i++) hash = Math.imul(hash ^ orderId.charCodeAt(i), FNV_PRIME);
  return (hash >>> 0) % LANES;
}
