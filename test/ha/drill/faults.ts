import { edgeFaults } from './faults/edge-faults.js';
import { kafkaFaults } from './faults/kafka-faults.js';
import { postgresFaults } from './faults/postgres-faults.js';
import { redisFaults } from './faults/redis-faults.js';
import { serviceFaults } from './faults/service-faults.js';
import { siteFaults } from './faults/site-faults.js';

/** Every fault that is tried, one engine after the other; those that hurt for longest come last. */
export const faults = [
  ...serviceFaults,
  ...edgeFaults,
  ...redisFaults,
  ...kafkaFaults,
  ...postgresFaults,
  ...siteFaults,
];
