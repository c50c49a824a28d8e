import { describe, expect, it } from '@jest/globals';
import type { NodeState } from './node-state.js';
import { type Candidate, pickPrimary, pickReader, type RouteContext } from './route.js';

const NOW = 100_000;
const context = (more: Partial<RouteContext> = {}): RouteContext => ({
  nowMs: NOW,
  site: 'seoul',
  freshMs: 2_000,
  maxReplicaLagMs: 1_000,
  returnAfterMs: 10_000,
  highestTimeline: 1,
  turn: 0,
  ...more,
});

type Look = { timeline?: number; agoMs?: number; healthyForMs?: number };
const proven = (
  phase: 'primary' | 'standby',
  { timeline = 1, agoMs = 100, healthyForMs = 60_000 }: Look = {},
): NodeState => ({
  phase,
  report: { role: phase, timeline, lsnBytes: 1, latencyMs: 1 },
  goodMs: NOW - agoMs,
  healthySinceMs: NOW - healthyForMs,
});
const node = (name: string, site: string, state: NodeState, lagMs = 0): Candidate => ({ name, site, state, lagMs });

const cluster = (): Candidate[] => [
  node('pg-1', 'seoul', proven('primary')),
  node('pg-2', 'seoul', proven('standby')),
  node('pg-3', 'tokyo', proven('standby')),
  node('pg-4', 'tokyo', proven('standby')),
];
const nobody = new Set<string>();
const read = (nodes: Candidate[], more: Partial<RouteContext> = {}, tried = nobody): string | undefined =>
  pickReader(nodes, {}, tried, context(more))?.name;

describe(pickReader.name, () => {
  it('prefers the own site, takes turns there, then crosses over, then asks the primary', () => {
    expect(read(cluster())).toBe('pg-2');
    expect([0, 1, 2].map((turn) => read(cluster(), { site: 'tokyo', turn }))).toEqual(['pg-3', 'pg-4', 'pg-3']);
    expect(read(cluster(), {}, new Set(['pg-2']))).toBe('pg-3');
    expect(read(cluster(), {}, new Set(['pg-2', 'pg-3', 'pg-4']))).toBe('pg-1');
  });

  describe('when a replica is not fit', () => {
    const instead = (state: NodeState, lagMs = 0): string | undefined =>
      read(cluster().map((each) => (each.name === 'pg-2' ? { ...each, state, lagMs } : each)));

    it.each<[string, NodeState, number]>([
      ['lags', proven('standby'), 1_001],
      ['was left behind by a promotion', proven('standby', { timeline: 0 }), 0],
      ['has been silent', proven('standby', { agoMs: 2_001 }), 0],
      ['came back only just now', proven('standby', { healthyForMs: 9_999 }), 0],
      ['is broken', { phase: 'broken', sinceMs: NOW }, 0],
    ])('because it %s, another serves', (_, state, lagMs) => expect(instead(state, lagMs)).toBe('pg-3'));
  });

  it('takes a replica that came back just now rather than none', () => {
    expect(read([node('pg-2', 'seoul', proven('standby', { healthyForMs: 5 }))])).toBe('pg-2');
  });

  it('reads from the primary when asked to and there is one, else from a replica', () => {
    const wish = { from: 'primary' } as const;
    expect(pickReader(cluster(), wish, nobody, context())?.name).toBe('pg-1');
    expect(pickReader(cluster().slice(1), wish, nobody, context())?.name).toBe('pg-2');
  });
});

describe(pickPrimary.name, () => {
  it('refuses an ex-primary that woke up on an old timeline, and takes the new one', () => {
    const woken = node('pg-1', 'seoul', proven('primary'));
    expect(pickPrimary([woken], context({ highestTimeline: 2 }))).toBeUndefined();
    const promoted = node('pg-3', 'tokyo', proven('primary', { timeline: 2 }));
    expect(pickPrimary([woken, promoted], context({ highestTimeline: 2 }))?.name).toBe('pg-3');
  });

  it('refuses a claimant, and a primary whose proof has become old', () => {
    const claimant = { ...proven('primary'), phase: 'claimant', sinceMs: NOW } as NodeState;
    expect(pickPrimary([node('pg-1', 'seoul', claimant)], context())).toBeUndefined();
    expect(pickPrimary([node('pg-1', 'seoul', proven('primary', { agoMs: 2_001 }))], context())).toBeUndefined();
  });
});
