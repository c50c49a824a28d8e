import { describe, expect, it } from '@jest/globals';
import { NAMES, Play, play } from '../test/play.js';
import { decide } from './decide.js';
import type { Outcome } from './observation.js';
import { backoffMs, defaultPolicy as policy } from './policy.js';

describe(decide.name, () => {
  describe('when all is well', () => {
    it('does nothing', () => expect(play().step({}, 100)).toEqual([]));
  });

  describe('when a service falls silent', () => {
    it('suspects it at the first failure, restarts it at the third, and counts from zero when it is back', () => {
      const one = play();
      expect(one.step({ 'order-1': 'silent' })).toEqual(['suspect order-1']);
      expect(one.step({ 'order-1': 'silent' })).toEqual([]);
      expect(one.step({ 'order-1': 'silent' })).toEqual(['restart order-1']);
      expect(one.step({ 'order-1': 'gone' }, 5)).toEqual([]);
      expect(one.step({}, 2)).toEqual(['recover order-1']);
      expect(one.situation.histories.get('order-1')).toMatchObject({ failures: 0, suspectedMs: undefined });
    });

    it('gives a whole sentence with the number of the restart', () => {
      const one = play();
      one.step({ 'order-1': 'silent' }, 3);
      expect(one.reasons).toEqual([
        'order-1 is a suspect: it is silent.',
        'order-1 failed 3 times in a row (it is silent), so it is restarted (1 of 3).',
      ]);
    });

    it('forgets two failures that were not three', () => {
      const one = play();
      expect(one.step({ 'order-1': 'silent' }, 2)).toEqual(['suspect order-1']);
      expect(one.step({}, 2)).toEqual(['recover order-1']);
      expect(one.step({ 'order-1': 'silent' }, 2)).toEqual(['suspect order-1']);
    });

    it('counts only looks without any answer: one that is slow, but lives, is not restarted', () => {
      const one = play();
      one.step({ 'order-1': 'unready' }, 5);
      expect(one.step({ 'order-1': 'silent' }, 2)).toEqual([]);
      expect(one.step({ 'order-1': 'silent' })).toEqual(['restart order-1']);
    });

    it('does not call it recovered after one good look', () => {
      const one = play();
      one.step({ 'order-1': 'silent' }, 2);
      expect(one.step()).toEqual([]);
      expect(one.step({ 'order-1': 'silent' })).toEqual([]);
    });
  });

  describe('when restarts do not help', () => {
    it('restarts three times, then sets it aside for its twin, once', () => {
      const one = play();
      one.step({ 'order-1': 'silent' }, 200);
      expect(one.said).toEqual([
        'suspect order-1',
        'restart order-1',
        'restart order-1',
        'restart order-1',
        'switch order-1',
      ]);
      expect(one.reasons.at(-1)).toContain('order-2 takes over');
    });

    it('lets it take work again after it was well for long', () => {
      const one = play();
      one.step({ 'order-1': 'silent' }, 200);
      expect(one.step({}, 59)).toEqual([]);
      expect(one.step({}, 3)).toEqual(['return order-1']);
    });

    it('lets it take work again at once when its twin fails', () => {
      const one = play();
      one.step({ 'order-1': 'silent' }, 200);
      one.step({}, 5);
      expect(one.step({ 'order-2': 'silent' })).toEqual(['return order-1', 'suspect order-2']);
      expect(one.reasons.at(-2)).toBe('order-1 answers and no twin of it can serve, so it takes work again.');
    });

    it('leaves it aside while neither answers', () => {
      const one = play();
      one.step({ 'order-1': 'silent' }, 200);
      expect(one.step({ 'order-1': 'silent', 'order-2': 'silent' }, 2)).toEqual(['suspect order-2']);
    });

    it.each([
      [1, 1_000],
      [2, 2_000],
      [3, 4_000],
      [7, 60_000],
      [20, 60_000],
    ])('waits after restart %i for %i ms', (count, ms) => expect(backoffMs(count, policy)).toBe(ms));
  });

  describe('when the engine restarts what exits', () => {
    const dying = (life: number, outcome: Outcome = 'gone') => ({
      'order-1': { outcome, life: String(life), inHand: true },
    });

    it('leaves it to the engine', () => {
      const one = play();
      expect(one.step(dying(1), 30)).toEqual(['suspect order-1']);
    });

    it('steps in when the start takes too long', () => {
      const one = play();
      expect(one.step(dying(1), 45)).toEqual(['suspect order-1', 'restart order-1']);
    });

    it('sets aside what died after each of three starts', () => {
      const one = play();
      one.step({ 'order-1': { outcome: 'well', life: '0' } }, 3);
      for (const life of [1, 2, 3]) one.step(dying(life), 3);
      expect(one.said).toEqual(['suspect order-1']);
      expect(one.step(dying(4), 30)).toEqual(['switch order-1']);
    });

    it('does not count deaths of lives that were well', () => {
      const one = play();
      for (const life of [1, 2, 3, 4, 5, 6]) {
        one.step(dying(life), 2);
        one.step({ 'order-1': { outcome: 'well', life: String(life) } }, 5);
      }
      expect(one.said).not.toContain('switch order-1');
    });

    it('asks for a restart when nobody does it', () => {
      const one = play();
      expect(one.step({ 'order-1': 'gone' }, 3)).toEqual(['suspect order-1', 'start order-1']);
      expect(one.step({ 'order-1': 'gone' }, 36)).toEqual([]);
      expect(one.step({ 'order-1': 'gone' }, 5)).toEqual(['restart order-1']);
    });
  });

  describe('when both of a group are silent', () => {
    it('gives them longer than one alone: with its twin away it may only be slow', () => {
      const one = play();
      expect(one.step({ 'order-1': 'gone', 'order-2': 'silent' }, 7)).toEqual([
        'suspect order-1',
        'suspect order-2',
        'start order-1',
      ]);
      expect(one.step({ 'order-1': 'gone' }, 2)).toEqual(['recover order-2']);
    });

    it('restarts one, and the other when the first is back', () => {
      const one = play();
      const both = { 'order-1': 'silent', 'order-2': 'silent' } as const;
      one.step(both, 12);
      expect(one.said).toEqual(['suspect order-1', 'suspect order-2', 'restart order-1']);
      expect(one.step({ 'order-2': 'silent' }, 4)).toEqual(['recover order-1', 'restart order-2']);
    });
  });

  describe('when an instance answers but cannot serve', () => {
    it('restarts it after 30 s, when its twin can', () => {
      const one = play();
      expect(one.step({ 'order-1': 'unready' }, 28)).toEqual(['suspect order-1']);
      expect(one.step({ 'order-1': 'unready' }, 5)).toEqual(['restart order-1']);
    });

    it('restarts one that only its callers complain of after 5 s of complaints, whatever it failed for before', () => {
      const one = play();
      one.step({ 'order-1': 'unready' }, 20);
      expect(one.step({ 'order-1': { outcome: 'unready', accused: true } }, 5)).toEqual([]);
      expect(one.step({ 'order-1': { outcome: 'unready', accused: true } })).toEqual(['restart order-1']);
    });

    it('never ends the last one that answers', () => {
      const one = play();
      expect(one.step({ 'order-1': 'unready', 'order-2': 'unready' }, 120)).toEqual([
        'suspect order-1',
        'suspect order-2',
      ]);
    });
  });

  describe('when a member of the data tier is dark', () => {
    it('leaves it to its own failover for 60 s', () => {
      const one = play();
      expect(one.step({ 'pg-1': 'silent' }, 60)).toEqual(['suspect pg-1']);
      expect(one.step({ 'pg-1': 'silent' }, 2)).toEqual(['restart pg-1']);
    });

    it('never restarts one that answers', () => {
      expect(play().step({ 'pg-1': 'unready' }, 300)).toEqual(['suspect pg-1']);
    });
  });

  describe('when over half of the targets are sick', () => {
    const most = Object.fromEntries(NAMES.slice(0, 5).map((name) => [name, 'silent' as const]));

    it('does nothing, says so once, and goes on when they are well', () => {
      const one = play();
      expect(one.step(most, 20)).toEqual(['stand-back']);
      expect(one.step({}, 20)).toEqual(['resume']);
    });

    it('restarts nobody for what was seen then', () => {
      const one = play();
      one.step(most, 20);
      one.step({ 'order-1': 'silent' }, 8);
      expect(one.said.filter((said) => said.startsWith('restart'))).toEqual([]);
      one.step({ 'order-1': 'silent' }, 8);
      expect(one.said.at(-1)).toBe('restart order-1');
    });
  });

  describe('when people work on it', () => {
    it('leaves the target alone', () => {
      const one = play();
      one.situation = { ...one.situation, maintenance: new Set(['order-1']) };
      expect(one.step({ 'order-1': 'silent', 'order-2': 'silent' }, 9)).toEqual(['suspect order-2', 'restart order-2']);
    });

    it('leaves everything alone', () => {
      const one = play();
      one.situation = { ...one.situation, maintenance: 'all' };
      expect(one.step({ 'order-1': 'silent' }, 30)).toEqual([]);
    });
  });

  describe('when a target was never well', () => {
    it('suspects it only after the time it has to start', () => {
      const one = new Play();
      expect(one.step({ 'order-1': 'gone' }, 119)).toEqual([]);
      expect(one.step({ 'order-1': 'gone' }, 2)).toContain('suspect order-1');
    });
  });
});
