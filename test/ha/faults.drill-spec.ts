import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cluster } from './drill/cluster.js';
import { type Fault, MAX_AMPLIFICATION, type Rig } from './drill/fault.js';
import { faults } from './drill/faults.js';
import { JournalWatch } from './drill/journal-watch.js';
import { Monitors } from './drill/monitors.js';
import { ContainerSystem } from './drill/system.js';
import { runTrial } from './drill/trial.js';
import { Victims } from './drill/victims.js';

const RATE_PER_SECOND = 50;
const FINAL_WITHIN_MS = 60_000;
const STOCK = 100_000_000;
/** What has just started is compiled as it runs, and that alone fills two cores for a while. */
const WARM_UP_MS = 30_000;
const NEVER_MS = Number.POSITIVE_INFINITY;
const START_TIMEOUT_MS = 20 * 60_000;
const LONGEST_HOLD_MS = Math.max(...faults.map(({ holdMs = 0 }) => holdMs));
const TRIAL_TIMEOUT_MS = 8 * 60_000;

const chosen = faults.filter(({ isInShortList }) => process.env.TWOFOLD_TEST_ALL === '1' || isInShortList);

describe('the redundant topology under 50 orders a second', () => {
  const system = new ContainerSystem();
  const victims = new Victims(system);
  const monitors = new Monitors(system);
  const rig: Rig = { system, victims, monitors, cluster: new Cluster(system, victims, monitors) };
  const path = join(system.instance.folder, 'drill', 'journal.jsonl');
  const journal = new JournalWatch(path);
  let load: ChildProcess | undefined;

  beforeAll(async () => {
    if (process.env.TWOFOLD_TEST_REUSE !== '1') await system.start();
    await system.must('seed', '--stock', String(STOCK));
    mkdirSync(join(path, '..'), { recursive: true });
    rmSync(path, { force: true });
    const shape = ['--rate', String(RATE_PER_SECOND), '--duration', '3h', '--journey', 'order=100', '--zipf', '0'];
    load = system.spawn('load', ...shape, '--journal', path);
    await pause(WARM_UP_MS);
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    load?.kill('SIGKILL');
    if (process.env.TWOFOLD_TEST_KEEP !== '1') await system.stop();
  }, START_TIMEOUT_MS);

  it.each(chosen.map((fault): [string, Fault] => [fault.name, fault]))(
    'when %s: loses nothing, and goes on in time',
    async (_, fault) => {
      const outcome = await runTrial(fault, rig, journal).catch((error: unknown) => {
        tell(`${fault.name}: ${String(error)}`);
        throw error;
      });
      tell(`${fault.name}: ${JSON.stringify({ ...outcome, failed: outcome.failed.length })}`);
      const { gapMs, settleGapMs, backMs, finalMs, failed, lost, amplification, suspectedMs, recoveredMs } = outcome;
      expect({ lost }).toEqual({ lost: [] });
      if (!fault.mayFail) expect({ failed }).toEqual({ failed: [] });
      expect({ gapMs }).toEqual({ gapMs: atMost(gapMs, fault.gapMs) });
      if (fault.settleGapMs !== undefined)
        expect({ settleGapMs }).toEqual({ settleGapMs: atMost(settleGapMs, fault.settleGapMs) });
      if (fault.backWithinMs !== undefined)
        expect({ backMs }).toEqual({ backMs: atMost(backMs ?? NEVER_MS, fault.backWithinMs) });
      expect({ finalMs }).toEqual({ finalMs: atMost(finalMs, fault.finalWithinMs ?? FINAL_WITHIN_MS) });
      if (!fault.mayFail) expect(amplification).toBeLessThanOrEqual(fault.maxAmplification ?? MAX_AMPLIFICATION);
      if (fault.monitor) {
        const { suspectsWithinMs, recoversWithinMs } = fault.monitor;
        expect({ suspectedMs }).toEqual({ suspectedMs: atMost(suspectedMs ?? NEVER_MS, suspectsWithinMs) });
        expect({ recoveredMs }).toEqual({ recoveredMs: atMost(recoveredMs ?? NEVER_MS, recoversWithinMs) });
      }
    },
    TRIAL_TIMEOUT_MS + LONGEST_HOLD_MS,
  );

  it(
    'has kept every promise at the end: I1 to I11, against database, log and the providers’ ledgers',
    async () => {
      load?.kill('SIGINT');
      if (load) await once(load, 'exit');
      const { code, stdout, stderr } = await system.command('check', '--journal', path);
      expect(`${code} ${stdout} ${stderr}`).toMatch(/^0 /);
    },
    TRIAL_TIMEOUT_MS,
  );
});

/** The measured figure if it is within the limit, else the limit: makes a failure show both. */
const atMost = (measured: number, limit: number): number | string =>
  measured <= limit ? measured : `at most ${limit}`;

/** Progress, and the figures of what was kept as well: a quarter of an hour is long without a word. */
const tell = (text: string): void => {
  process.stderr.write(`  ${new Date().toISOString().slice(11, 19)} ${text}\n`);
};
