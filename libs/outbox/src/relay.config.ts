import { z } from 'zod';
import { config, setting } from '#libs/config';

/** How the relay carries events from the outbox to the bus. */
export const relayConfig = config('relay', {
  enabled: setting(z.boolean(), true, 'Whether this process relays; switch it off in processes that only append.'),
  batchSize: setting(z.int().min(1).max(500), 100, 'Events per send; one send goes to one lane of one topic.'),
  pollMs: setting(z.int().min(100).max(10_000), 1000, 'Looks into all its lanes this often when nobody wakes it.'),
  lingerMs: setting(z.int().min(0).max(100), 10, 'Least time between two looks, so that a burst of events is one.'),
  leaseMs: setting(z.int().min(1500).max(60_000), 4000, 'A silent relay loses its lanes to its twin after this time.'),
});
