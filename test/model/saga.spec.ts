import { describe, expect, it } from '@jest/globals';
import { ALL_ON, type Run, runSaga } from './saga.js';

const RUNS = 10_000;
/** Replays one run: `SAGA_SEED=123 npm test -- unit -- saga`. */
const replayed = process.env.SAGA_SEED;
const seeds = replayed ? [Number(replayed)] : Array.from({ length: RUNS }, (_, i) => (Date.now() + i * 7919) % 2 ** 32);

/** Every way a saga may end, and so each must have come up. */
const ENDS = ['CONFIRMED/SUCCEEDED', 'CANCELLED/DECLINED', 'CANCELLED/FAILED', 'CANCELLED/REFUNDED'];
/** Runs that show a rule missing: most of them do. */
const CONTROL_RUNS = 300;

const explain = ({ seed, faults, trace }: Run) =>
  [`SAGA_SEED=${seed}`, ...faults, `after: ${trace.join(' · ')}`].join('\n');

const faulty = (runs: Run[]) => runs.filter((run) => run.faults.length > 0);

describe('the saga of an order and its payment', () => {
  describe('when messages are doubled, late and reordered, answers are lost and processes crash', () => {
    it(`charges at most once, ends, and agrees about stock and money in ${RUNS} runs`, () => {
      const runs = seeds.map((seed) => runSaga(seed));
      expect(faulty(runs).slice(0, 3).map(explain).join('\n\n')).toBe('');
      if (!replayed) expect(new Set(runs.map((run) => run.end))).toEqual(new Set(ENDS));
    }, 60_000);
  });

  describe('when a rule is switched off', () => {
    it.each([
      ['without an inbox', { ...ALL_ON, inbox: false }],
      ['with a new provider key for every attempt', { ...ALL_ON, providerKey: false }],
    ])('the same check turns red %s', (_, controls) => {
      const runs = seeds.slice(0, CONTROL_RUNS).map((seed) => runSaga(seed, controls));
      expect(replayed ?? faulty(runs).length).not.toBe(0);
    });
  });
});
