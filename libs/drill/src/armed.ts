import { drillEnvironment } from '#libs/config';
import type { CrashPoint, SafetySwitch } from './disarmed.js';

export type { CrashPoint, SafetySwitch } from './disarmed.js';

const { crashAt, crashAtPass, switchedOff: off } = drillEnvironment();
let passes = 0;

/** Kills this process without warning at the n-th pass of the point named by `DRILL_CRASH_AT=<point>[:n]`. */
export function crashPoint(name: CrashPoint): void {
  if (name !== crashAt || ++passes < crashAtPass) return;
  process.kill(process.pid, 'SIGKILL');
  // The signal is asynchronous: nothing after this point may run.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}

/** Whether `DRILL_SWITCH_OFF` names this rule. */
export function switchedOff(name: SafetySwitch): boolean {
  return off.has(name);
}
