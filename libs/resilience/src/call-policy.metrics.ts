import { counter, gauge, histogram } from '#libs/telemetry';

/** Metrics of every call policy. `circuit` is the policy's name, `target` who is called. */
export const callDuration = histogram('call_duration_seconds', 'Time one attempt took, by how it ended.', [
  'circuit',
  'target',
  'outcome',
]);
export const circuitState = gauge('circuit_state', 'Circuit breaker: 0 closed, 1 half-open, 2 open.', [
  'circuit',
  'target',
]);
export const callsNotMade = counter('calls_not_made_total', 'Calls refused by circuit or bulkhead.', [
  'circuit',
  'target',
  'reason',
]);
export const callRetries = counter('call_retries_total', 'Attempts after the first.', ['circuit', 'target']);
export const callsRunning = gauge('calls_running', 'Calls running now, in the bulkhead.', ['circuit', 'target']);
