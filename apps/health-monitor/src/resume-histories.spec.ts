import { describe, expect, it } from '@jest/globals';
import type { KeptDecision } from './kept-decision.js';
import { defaultPolicy } from './policy.js';
import { openAlerts, resumeHistories } from './resume-histories.js';

const WALL_MS = Date.parse('2026-11-27T00:10:00.000Z');
const clocks = { nowMs: 1_000_000, wallMs: WALL_MS };

/** Decisions, each so many seconds ago. */
const told = (...deeds: [secondsAgo: number, deed: Partial<KeptDecision>][]): KeptDecision[] =>
  deeds.map(([secondsAgo, deed], index) => ({
    seq: index + 1,
    at: new Date(WALL_MS - secondsAgo * 1_000).toISOString(),
    by: 'monitor-1',
    token: '7',
    action: 'suspect',
    target: 'order-1',
    reason: 'Because.',
    dryRun: false,
    ...deed,
  }));
const resumed = (...deeds: Parameters<typeof told>) =>
  resumeHistories(told(...deeds), clocks, defaultPolicy).get('order-1');

describe(resumeHistories.name, () => {
  it('goes on with the budget of restarts', () => {
    const history = resumed([60, { action: 'restart' }], [10, { action: 'restart' }]);
    expect(history?.restartsMs).toEqual([940_000, 990_000]);
  });

  it('forgets restarts older than the window', () => {
    expect(resumed([301, { action: 'restart' }])?.restartsMs ?? []).toEqual([]);
  });

  it('does not count a restart that was refused, or a dry run', () => {
    const refused = resumed([60, { action: 'restart' }], [58, { action: 'failed', failed: 'restart' }]);
    expect(refused?.restartsMs).toEqual([]);
    expect(resumed([60, { action: 'restart', dryRun: true }])).toBeUndefined();
  });

  it('leaves aside who was set aside, until it returned', () => {
    expect(resumed([9, { action: 'switch' }])?.switchedMs).toBe(991_000);
    expect(resumed([9, { action: 'switch' }], [5, { action: 'return' }])?.switchedMs).toBeUndefined();
  });
});

describe(openAlerts.name, () => {
  it('knows what was raised and not resolved, so that nobody is called twice', () => {
    const decisions = told(
      [60, { action: 'alert', alert: 'no-primary', target: undefined }],
      [50, { action: 'alert', alert: 'instance-out:order-1', target: undefined }],
      [40, { action: 'resolve', alert: 'no-primary', target: undefined }],
    );
    expect([...openAlerts(decisions).keys()]).toEqual(['instance-out:order-1']);
  });
});
