import { LANES } from '#libs/contracts';
import { AppError } from '#libs/errors';
import { MAX_PUBLISH_EVENTS, type WireEvent } from './event-bus.js';

/** Refuses what no bus takes. */
export function assertPublishable(lane: number, events: readonly WireEvent[]): void {
  const laneIsReal = Number.isInteger(lane) && lane >= 0 && lane < LANES;
  if (laneIsReal && events.length > 0 && events.length <= MAX_PUBLISH_EVENTS) return;
  const message = `Cannot publish ${events.length} events to lane ${lane}: 1 to ${MAX_PUBLISH_EVENTS} events, lanes 0 to ${LANES - 1}.`;
  throw new AppError({ code: 'internal-error', kind: 'bug', message });
}
