import type { ChildProcess } from 'node:child_process';
import { RestartBackoff } from './restart-backoff.js';
import type { RecordedService } from './state-file.js';

/** Where a supervised process stands. `waiting`: it exited, and its back-off runs. */
export type Phase = RecordedService['phase'];

/** What a supervisor must know about a process. */
export type Supervised = {
  readonly name: string;
  /** Starts it and resolves when it is ready to serve; called again after each exit. */
  launch(report: (child: ChildProcess) => void): Promise<void>;
  /** Ends it gently. */
  end(child: ChildProcess): void;
  /** After this it is killed. */
  readonly endPatienceMs: number;
};

/** News of a supervised process, for people. */
export type Report = (name: string, news: string) => void;

/** Keeps one process running: starts it again whenever it exits, as a container engine would, until it is stopped. */
export class SupervisedProcess {
  phase: Phase = 'stopped';
  restarts = 0;
  private child?: ChildProcess | undefined;
  private readySinceMs?: number | undefined;
  private isAsked = false;
  private isHeld = false;
  private wasReady = false;
  private onFailedStart?: (reason: string) => void;
  private readonly backoff = new RestartBackoff();
  private wakeUp?: (() => void) | undefined;
  private running?: Promise<void>;

  constructor(
    private readonly what: Supervised,
    private readonly onChange: () => void,
    private readonly report: Report,
  ) {}

  get name(): string {
    return this.what.name;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Resolves when it is ready for the first time, after restarts if need be. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      this.setPhase('starting');
      this.running = this.keepRunning(resolve);
    });
  }

  /** Resolves with the reason when it has exited `count` times without ever having been ready. */
  failedBeforeReady(count: number): Promise<string> {
    return new Promise((resolve) => {
      this.onFailedStart = (reason) => {
        if (!this.wasReady && this.restarts >= count) resolve(reason);
      };
    });
  }

  /** Ends it for good; resolves when it is gone. */
  async stop(): Promise<void> {
    if (this.phase === 'stopped') return;
    this.setPhase('stopping');
    this.wakeUp?.();
    this.endChild();
    await this.running;
  }

  /** Ends it, to be started again at once. */
  restart(): void {
    if (this.phase === 'waiting') return this.wakeUp?.();
    this.isAsked = true;
    this.endChild();
  }

  /** Kills it, to be started again at once: a graceful end would thaw a frozen process first. */
  kill(): void {
    if (this.phase === 'waiting') return this.wakeUp?.();
    this.isAsked = true;
    this.child?.kill('SIGKILL');
  }

  /** Kills it and leaves it down until {@link release}. */
  hold(): void {
    if (this.isHeld || this.isStopping()) return;
    this.isHeld = true;
    this.wakeUp?.();
    this.child?.kill('SIGKILL');
  }

  /** Starts what was held. */
  release(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    this.wakeUp?.();
  }

  private async keepRunning(onReady: () => void): Promise<void> {
    while (this.phase !== 'stopping') {
      const reason = await this.runOnce(onReady);
      if (this.isStopping()) break;
      this.restarts += 1;
      this.onFailedStart?.(reason);
      if (!this.isAsked && !this.isHeld) await this.backOff(reason);
      if (this.isHeld) await this.whileHeld();
      this.isAsked = false;
      this.readySinceMs = undefined;
      if (!this.isStopping()) this.setPhase('starting');
    }
    this.setPhase('stopped');
  }

  private async backOff(reason: string): Promise<void> {
    const delayMs = this.backoff.delayAfterExit(this.readySinceMs === undefined ? 0 : Date.now() - this.readySinceMs);
    this.setPhase('waiting');
    this.report(this.name, `${reason}; starting it again in ${delayMs / 1000} s`);
    await this.waitFor(delayMs);
  }

  private async whileHeld(): Promise<void> {
    if (this.isStopping()) return;
    this.setPhase('held');
    this.report(this.name, 'is held down, until the monitor or a person lets it return');
    await new Promise<void>((resolve) => {
      this.wakeUp = resolve;
    });
    this.wakeUp = undefined;
  }

  /** One life, from launch to exit; returns how it ended. */
  private async runOnce(onReady: () => void): Promise<string> {
    let exited: Promise<string> | undefined;
    try {
      await this.what.launch((child) => {
        this.child = child;
        exited = ending(child);
        this.onChange();
        if (this.isStopping()) this.endChild();
      });
      this.readySinceMs = Date.now();
      if (!this.isStopping()) {
        this.setPhase('up');
        if (this.restarts > 0) this.report(this.name, 'is up again');
      }
      this.wasReady = true;
      onReady();
    } catch (error) {
      this.endChild();
      const reason = await exited;
      this.child = undefined;
      return reason ?? `did not start: ${(error as Error).message}`;
    }
    const reason = await exited;
    this.child = undefined;
    return reason ?? 'exited';
  }

  private endChild(): void {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    this.what.end(child);
    const impatience = setTimeout(() => child.kill('SIGKILL'), this.what.endPatienceMs);
    child.once('exit', () => clearTimeout(impatience));
  }

  private async waitFor(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, delayMs);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wakeUp = undefined;
  }

  private isStopping(): boolean {
    return this.phase === 'stopping';
  }

  private setPhase(phase: Phase): void {
    this.phase = phase;
    this.onChange();
  }
}

function ending(child: ChildProcess): Promise<string> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve(signal ? `was ended by ${signal}` : `exited with status ${code}`));
  });
}
