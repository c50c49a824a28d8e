import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { mustCutSessions, type NodeEvent, type NodeReport, type NodeState, nextState } from './node-state.js';

const FRESH_MS = 2_000;
const alone = { freshMs: FRESH_MS, needsWitness: false };
const watched = { freshMs: FRESH_MS, needsWitness: true };

const says = (role: NodeReport['role'], sentMs: number, timeline = 1, lagged = false): NodeEvent => ({
  kind: 'answered',
  sentMs,
  report: { role, timeline, lsnBytes: 100, latencyMs: 1 },
  lagged,
});
const silent: NodeEvent = { kind: 'failed', refused: false, lagged: false };
const refused: NodeEvent = { kind: 'failed', refused: true, lagged: false };
const tick: NodeEvent = { kind: 'tick' };
const named = (askedMs: number): NodeEvent => ({ kind: 'named', askedMs });

/** Plays events at given times, from nothing. */
const after = (policy: typeof alone, ...steps: [number, NodeEvent][]): NodeState =>
  steps.reduce<NodeState>((state, [nowMs, event]) => nextState(state, event, nowMs, policy), { phase: 'unknown' });

describe(nextState.name, () => {
  describe('when a single node answers', () => {
    it.each<[string, [number, NodeEvent][], NodeState['phase']]>([
      ['once', [[1, says('primary', 0)]], 'primary'],
      [
        'and is silent for 2 s',
        [
          [1, says('primary', 0)],
          [2_000, silent],
        ],
        'primary',
      ],
      [
        'and is silent for longer',
        [
          [1, says('primary', 0)],
          [2_001, tick],
        ],
        'broken',
      ],
      [
        'and then refuses',
        [
          [1, says('primary', 0)],
          [500, refused],
        ],
        'broken',
      ],
      [
        'and answers again after a break',
        [
          [1, says('primary', 0)],
          [2_500, tick],
          [3_000, says('primary', 2_999)],
        ],
        'primary',
      ],
      ['too late to be fresh', [[2_001, says('primary', 0)]], 'unknown'],
      ['while our loop lagged', [[1, says('primary', 0, 1, true)]], 'unknown'],
      [
        'and refuses while our loop lagged',
        [
          [1, says('primary', 0)],
          [9, { ...refused, lagged: true }],
        ],
        'primary',
      ],
    ])('%s', (_, steps, phase) => expect(after(alone, ...steps).phase).toBe(phase));
  });

  describe('when a witness is there', () => {
    it('believes a primary only once it is named', () => {
      expect(after(watched, [1, says('primary', 0)]).phase).toBe('claimant');
      expect(after(watched, [1, says('primary', 0)], [5, named(2)]).phase).toBe('primary');
    });

    it('ignores a name asked for before the claim', () => {
      const thawed: [number, NodeEvent][] = [
        [1, says('primary', 0)],
        [5, named(2)],
        [5_000, says('primary', 4_999)],
        [5_100, named(4_000)],
      ];
      expect(after(watched, ...thawed).phase).toBe('claimant');
    });

    it('asks again after a promotion, also without a break', () => {
      const promoted = after(watched, [1, says('standby', 0)], [500, says('primary', 499, 2)]);
      expect(promoted.phase).toBe('claimant');
    });
  });

  describe('when events come in any order', () => {
    const event: fc.Arbitrary<(nowMs: number) => NodeEvent> = fc.oneof(
      fc.constant(() => tick),
      fc.constant(() => silent),
      fc.constant(() => refused),
      fc.nat(3_000).map((ago) => (nowMs: number) => named(nowMs - ago)),
      fc
        .record({
          ago: fc.nat(3_000),
          timeline: fc.integer({ min: 1, max: 3 }),
          standby: fc.boolean(),
          lagged: fc.boolean(),
        })
        .map(
          (it) => (nowMs: number) => says(it.standby ? 'standby' : 'primary', nowMs - it.ago, it.timeline, it.lagged),
        ),
    );
    const story = fc.array(fc.tuple(fc.nat(1_500), event), { maxLength: 60 });

    /** Every step of a story: what was known before and after, and when. */
    function* told(steps: [number, (nowMs: number) => NodeEvent][]) {
      let state: NodeState = { phase: 'unknown' };
      let nowMs = 10_000;
      for (const [waitMs, make] of steps) {
        nowMs += waitMs;
        const before = state;
        const happened = make(nowMs);
        state = nextState(before, happened, nowMs, watched);
        yield { before, happened, state, nowMs };
      }
    }

    it('is never primary on proof older than the limit, nor without being named since it claimed', () => {
      fc.assert(
        fc.property(story, (steps) => {
          let claimedMs = Number.POSITIVE_INFINITY;
          for (const { before, happened, state, nowMs } of told(steps)) {
            if (state.phase === 'claimant' && before.phase !== 'claimant') claimedMs = nowMs;
            if (state.phase !== 'primary') continue;
            expect(nowMs - state.goodMs).toBeLessThanOrEqual(FRESH_MS);
            if (before.phase === 'primary') continue;
            expect(happened).toMatchObject({ kind: 'named' });
            expect((happened as { askedMs: number }).askedMs).toBeGreaterThanOrEqual(claimedMs);
          }
        }),
        { numRuns: 2_000 },
      );
    });

    it('cuts all sessions whenever a primary is not the same primary any more', () => {
      fc.assert(
        fc.property(story, (steps) => {
          for (const { before, state, nowMs } of told(steps)) {
            const gap = 'goodMs' in before && nowMs - before.goodMs > FRESH_MS;
            const same = state.phase === 'primary' && before.phase === 'primary' && !gap;
            const sameTimeline = same && state.report.timeline === before.report.timeline;
            if (before.phase === 'primary' && !sameTimeline) expect(mustCutSessions(before, state)).toBe(true);
            if (sameTimeline) expect(mustCutSessions(before, state)).toBe(false);
          }
        }),
        { numRuns: 2_000 },
      );
    });
  });
});
