import type { Invariant } from '../invariant.js';

export const neverMissing: Invariant = {
  id: 'I9',
  promise: 'an acknowledged order is never answered with 404',
  ofOrder: ({ acknowledgements, misses }) =>
    misses
      .filter(({ orderId, askedAtMs }) =>
        acknowledgements.some((ack) => ack.orderId === orderId && ack.atMs <= askedAtMs),
      )
      .map(
        ({ orderId, door, askedAtMs }) => `order ${orderId} was 404 at ${door}, ${new Date(askedAtMs).toISOString()}`,
      ),
};
