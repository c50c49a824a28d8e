import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';

/** A lane of a topic as a map key. */
export type LaneKey = `${string}/${number}`;

/** @see LaneKey */
export const laneKey = (topic: string, lane: number): LaneKey => `${topic}/${lane}`;

/** A lane this process owns, under `epoch`, and the position it has got to. */
export type OwnedLane = {
  readonly topic: string;
  readonly lane: number;
  readonly epoch: number;
  position: number;
};

/** A name for this process as an owner of lanes, never used twice. */
export const newOwner = (): string => `${hostname()}-${process.pid}-${randomBytes(4).toString('hex')}`;
