import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SupervisedProcess } from './supervised-process.js';

class FakeChild extends EventEmitter {
  exitCode: number | null = null;
  signalCode: string | null = null;
  constructor(readonly pid: number) {
    super();
  }
  kill(signal: string): void {
    this.die(signal);
  }
  die(signal: string): void {
    this.signalCode = signal;
    this.emit('exit', null, signal);
  }
}

const supervise = () => {
  const children: FakeChild[] = [];
  const news: string[] = [];
  const supervised = new SupervisedProcess(
    {
      name: 'order-1',
      launch: async (report) => {
        const child = new FakeChild(100 + children.length);
        children.push(child);
        report(child as unknown as ChildProcess);
      },
      end: (child) => child.kill('SIGTERM'),
      endPatienceMs: 1_000,
    },
    () => undefined,
    (_, text) => news.push(text),
  );
  return { supervised, children, news };
};

describe(SupervisedProcess.name, () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  describe('when the process is killed', () => {
    it('starts a new one after 1 s and says why', async () => {
      const { supervised, children, news } = supervise();
      await supervised.start();
      children[0]?.die('SIGKILL');
      await jest.advanceTimersByTimeAsync(999);
      expect([children.length, supervised.phase]).toEqual([1, 'waiting']);
      await jest.advanceTimersByTimeAsync(1);
      expect([children.length, supervised.phase, supervised.pid]).toEqual([2, 'up', 101]);
      expect(news).toEqual(['was ended by SIGKILL; starting it again in 1 s', 'is up again']);
    });
  });

  describe('when it is stopped', () => {
    it('stays down, also while its back-off runs', async () => {
      const { supervised, children } = supervise();
      await supervised.start();
      children[0]?.die('SIGKILL');
      await jest.advanceTimersByTimeAsync(10);
      await supervised.stop();
      await jest.advanceTimersByTimeAsync(60_000);
      expect([children.length, supervised.phase]).toEqual([1, 'stopped']);
    });
  });

  describe('when a restart is asked for', () => {
    it('starts the new one at once and reports no failure', async () => {
      const { supervised, children, news } = supervise();
      await supervised.start();
      supervised.restart();
      await jest.advanceTimersByTimeAsync(1);
      expect([children[0]?.signalCode, children.length]).toEqual(['SIGTERM', 2]);
      expect(news).toEqual(['is up again']);
    });
  });
});
