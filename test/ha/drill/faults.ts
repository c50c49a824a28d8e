import type { Fault } from './fault.js';
import { edgeFaults } from './faults/edge-faults.js';
import { kafkaFaults } from './faults/kafka-faults.js';
import { leaseFaults } from './faults/lease-faults.js';
import { monitorFaults } from './faults/monitor-faults.js';
import { postgresFaults } from './faults/postgres-faults.js';
import { redisFaults } from './faults/redis-faults.js';
import { serviceFaults } from './faults/service-faults.js';
import { siteFaults } from './faults/site-faults.js';

/** Every fault that is tried, one engine after the other; those that hurt for longest come last. */
export const faults: readonly Fault[] = [
  ...serviceFaults,
  ...edgeFaults,
  ...redisFaults,
  ...kafkaFaults,
  ...postgresFaults,
  ...siteFaults,
  ...leaseFaults,
  ...monitorFaults,
].flatMap(trialsOf);

function trialsOf(fault: Fault): Fault[] {
  const { name, trials = 1 } = fault;
  const others = Array.from({ length: trials - 1 }, (_, index) => ({
    ...fault,
    name: `${name} (trial ${index + 2})`,
    isInShortList: false,
  }));
  return [fault, ...others];
}
