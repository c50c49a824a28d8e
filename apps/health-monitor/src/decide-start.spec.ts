import { describe, expect, it } from '@jest/globals';
import { play } from '../test/play.js';
import { decide, noteRunning, unnote } from './decide.js';
import { defaultPolicy as policy } from './policy.js';

describe(`${decide.name}: what has exited`, () => {
  describe('when no connection to it comes about', () => {
    it('has it started, unless it runs, and never restarted: it may be cut off', () => {
      const one = play();
      expect(one.step({ 'order-1': 'unreachable' }, 3)).toEqual(['suspect order-1', 'start order-1']);
      one.situation = unnote(one.situation, 'order-1', policy);
      expect(one.step({ 'order-1': 'unreachable' }, 18)).toEqual([]);
      expect(one.step({ 'order-1': 'unreachable' }, 3)).toEqual(['start order-1']);
    });

    it('restarts a member of the data tier after 60 s', () =>
      expect(play().step({ 'pg-1': 'unreachable' }, 62)).toEqual(['suspect pg-1', 'restart pg-1']));
  });

  describe('when a site is gone, and the primary with it', () => {
    const site = { 'order-1': 'unreachable', 'payment-1': 'unreachable', 'pg-1': 'unreachable' } as const;

    it('starts nothing while the database fails over, then one after the other', () => {
      const one = play();
      expect(one.step(site, 14)).toEqual(['suspect order-1', 'suspect payment-1', 'suspect pg-1']);
      expect(one.step(site, 3)).toEqual(['start order-1']);
      expect(one.step({ ...site, 'order-1': 'well' }, 3)).toEqual(['recover order-1', 'start payment-1']);
    });
  });

  describe('when what nobody listens for runs already', () => {
    it('leaves its start alone and counts nothing', () => {
      const one = play();
      one.step({ 'order-1': 'gone' }, 3);
      one.situation = unnote(one.situation, 'order-1', policy);
      expect(one.situation.histories.get('order-1')?.restartsMs).toEqual([]);
      expect(one.step({ 'order-1': 'gone' }, 12)).toEqual([]);
      expect(one.step({}, 2)).toEqual(['recover order-1']);
    });

    it('sets it aside when it was found running three times and has never answered: its engine starts it in vain', () => {
      const one = play();
      const found = () => {
        one.situation = noteRunning(one.situation, 'order-1', policy);
      };
      expect(one.step({ 'order-1': 'unreachable' }, 3)).toEqual(['suspect order-1', 'start order-1']);
      found();
      expect(one.step({ 'order-1': 'unreachable' }, 20)).toEqual(['start order-1']);
      found();
      expect(one.step({ 'order-1': 'unreachable' }, 20)).toEqual(['start order-1']);
      found();
      expect(one.step({ 'order-1': 'unreachable' }, 21)).toEqual(['switch order-1']);
    });

    it('begins to count anew when it has answered', () => {
      const one = play();
      one.step({ 'order-1': 'gone' }, 2);
      one.situation = noteRunning(one.situation, 'order-1', policy);
      one.step({}, 2);
      expect(one.situation.histories.get('order-1')?.foundRunning).toBe(0);
    });

    it('is not under restart when word of it comes after its recovery', () => {
      const one = play();
      one.step({ 'order-1': 'gone' }, 2);
      one.step({}, 2);
      one.situation = unnote(one.situation, 'order-1', policy);
      expect(one.situation.histories.get('order-1')?.restartingMs).toBeUndefined();
    });

    it('starts it again when it goes again, and in the end sets it aside', () => {
      const one = play();
      for (let death = 0; death < 4; death++) {
        one.step({ 'order-1': 'gone' }, 8);
        one.step({}, 15);
      }
      expect(one.said.filter((said) => !/suspect|recover/.test(said))).toEqual([
        ...['start order-1', 'start order-1', 'start order-1', 'switch order-1'],
      ]);
    });
  });
});
