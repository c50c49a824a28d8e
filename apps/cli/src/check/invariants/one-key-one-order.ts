import type { KeyAnswer } from '../facts.js';
import type { Invariant } from '../invariant.js';

export const oneKeyOneOrder: Invariant = {
  id: 'I5',
  promise: 'the same key and body get the same answer, and one order',
  ofKey: ({ customer, key, answers }) => {
    const complaints: string[] = [];
    const final = answers.filter(isFinal);
    for (const request of new Set(final.map((answer) => answer.request))) {
      const same = final.filter((answer) => answer.request === request);
      const texts = new Set(same.map(({ status, digest }) => `${status} ${digest}`));
      if (texts.size > 1) {
        complaints.push(`${customer} was given ${texts.size} answers under key ${key}: ${same.map(show).join(', ')}`);
      }
    }
    const orders = new Set(final.flatMap(({ orderId }) => orderId ?? []));
    if (orders.size > 1)
      complaints.push(`${customer} got ${orders.size} orders under key ${key}: ${[...orders].join(', ')}`);
    return complaints;
  },
  ofOrder: ({ orders, keys }, { keysSinceMs }) =>
    orders
      .filter(({ createdAtMs }) => createdAtMs >= keysSinceMs)
      .filter(({ orderId }) => keys.filter((key) => key.orderId === orderId && key.status === 201).length !== 1)
      .map(({ orderId }) => `order ${orderId} is stored under ${keys.length} idempotency keys`),
};

/** What is stored under a key, and so must never change (R3). */
const isFinal = ({ status, code }: KeyAnswer): boolean =>
  status === 201 || (status === 409 && code === 'stock-exhausted');

const show = ({ status, orderId, digest }: KeyAnswer): string => `${status} ${orderId ?? ''} (${digest.slice(0, 8)})`;
