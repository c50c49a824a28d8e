import { describe, expect, it } from '@jest/globals';
import { DoorRota, PASS_OVER_MS } from './door-rota.js';

describe(DoorRota.name, () => {
  function rota() {
    const clock = { ms: 1_000 };
    return { clock, doors: new DoorRota(['a', 'b'], () => clock.ms) };
  }
  const take = (doors: DoorRota<string>, count: number) => Array.from({ length: count }, () => doors.next());

  it('takes the doors in turn, and the other one for a second attempt', () => {
    const { doors } = rota();
    expect(take(doors, 4)).toEqual(['a', 'b', 'a', 'b']);
    expect([doors.next('a'), doors.next('b')]).toEqual(['b', 'a']);
  });

  it('passes a door that cannot serve over, then lets one request try it', () => {
    const { doors, clock } = rota();
    doors.passOver('a');
    expect(take(doors, 4)).toEqual(['b', 'b', 'b', 'b']);
    clock.ms += PASS_OVER_MS;
    expect(take(doors, 4)).toEqual(['a', 'b', 'b', 'b']);
    doors.serves('a');
    expect(take(doors, 2)).toEqual(['a', 'b']);
  });

  it('asks all in turn when none serves', () => {
    const { doors } = rota();
    doors.passOver('a');
    expect(doors.hasOtherThan('a')).toBe(true);
    doors.passOver('b');
    expect(doors.hasOtherThan('a')).toBe(false);
    expect(take(doors, 4)).toEqual(['a', 'b', 'a', 'b']);
  });
});
