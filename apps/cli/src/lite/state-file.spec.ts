import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { instanceOf } from './instance.js';
import { clearStaleState, type LauncherState, readState, runningState, writeState } from './state-file.js';

const root = mkdtempSync(join(tmpdir(), 'twofold-state-'));
const instance = instanceOf(0, root);
const state: LauncherState = {
  mode: 'lite',
  instance: 0,
  launcherPid: process.pid,
  startedAt: new Date(0).toISOString(),
  ready: true,
  // This test's own process: alive, but no service of the checkout.
  services: [{ name: 'order-1', group: 'order', site: 'seoul', pid: process.pid, phase: 'up', restarts: 0 }],
};

describe('the state file', () => {
  afterAll(() => rmSync(root, { recursive: true }));

  describe('when it was written', () => {
    it('reads back the same and leaves no half-written file', () => {
      writeState(instance, state);
      expect(readState(instance)).toEqual(state);
      expect(readdirSync(instance.folder)).toEqual(['state.json']);
    });
  });

  describe('when the recorded launcher id belongs to another process now', () => {
    it('does not take it for a running system', () => {
      writeState(instance, state);
      expect(runningState(instance)).toBeUndefined();
    });

    it('clears the file and kills nobody who is not ours', async () => {
      writeState(instance, state);
      await clearStaleState(instance);
      expect(readState(instance)).toBeUndefined();
    });
  });

  describe('when it is damaged', () => {
    it('counts as missing', () => {
      writeFileSync(join(instance.folder, 'state.json'), '{"mode":');
      expect(readState(instance)).toBeUndefined();
    });
  });
});
