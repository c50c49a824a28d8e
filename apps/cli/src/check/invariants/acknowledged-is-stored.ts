import type { Invariant } from '../invariant.js';

export const acknowledgedIsStored: Invariant = {
  id: 'I1',
  promise: 'every acknowledged order is in the database, once, and belongs to its customer',
  ofOrder: ({ acknowledgements, orders }) => {
    const [order, second] = orders;
    const complaints = acknowledgements
      .filter(({ customer }) => order?.customer !== customer)
      .map(({ orderId, customer, atMs }) =>
        order
          ? `order ${orderId} was acknowledged to ${customer} but belongs to ${order.customer}`
          : `order ${orderId} was acknowledged to ${customer} at ${new Date(atMs).toISOString()} and is not there`,
      );
    if (second) complaints.push(`order ${second.orderId} is there ${orders.length} times`);
    return complaints;
  },
};
