import type { ConfigOf } from '#libs/config';
import { isUuid, paymentIdOf } from '#libs/contracts';
import { type busConfig, readLog } from '#libs/messaging';
import type { FactStore } from './fact-store.js';

/** Reads the topics of Kafka where that is the bus; the embedded bus lies in the database. Answers how many records. */
export async function loadLog(bus: ConfigOf<typeof busConfig>, store: FactStore): Promise<number> {
  if (bus.bus === 'embedded') return 0;
  return readLog(bus, ({ key, ...record }) => {
    // A poison message of a drill has no order's key.
    if (isUuid(key)) store.addToOrder(paymentIdOf(key), 'records', record);
  });
}
