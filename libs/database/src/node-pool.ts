import { AppError } from '#libs/errors';
import type { LossReason } from './failure.js';
import type { NodeAddress } from './node-list.js';
import { type Login, Session } from './session.js';

/** Most calls that wait for a session of one node. */
export const MAX_WAITING = 1_000;
/** After a failed connection attempt the next one waits so long, and up to twice as long at random. */
export const BACK_OFF_MS = 200;

/** Idle sessions beyond the limit are closed when nobody needed them for so long: opening one costs more than keeping it. */
export const TRIM_AFTER_MS = 5_000;

export type PoolLimits = { readonly max: number; readonly idle: number; readonly maxAbandoned: number };

type Waiter = { resolve(session: Session): void; reject(error: Error): void; timer: NodeJS.Timeout };

/**
 * Sessions with one node. One connection attempt at a time; after a failed one a pause; sessions given up while their back
 * end may still run count as abandoned, and too many of them stop everything new: a client's time limit does not end what
 * the back end does, and abandoned waits for a standby would fill the server.
 */
export class NodePool {
  private readonly idle: Session[] = [];
  private readonly all = new Set<Session>();
  private readonly waiting: Waiter[] = [];
  private readonly abandoned = new Set<number>();
  /** Called after any session is gone: a reason to look at the node at once. */
  onLost: () => void = () => {};
  private connecting = false;
  private notBeforeMs = 0;
  private closed = false;
  private trimmer: NodeJS.Timeout | undefined;
  /** Fewest idle sessions since the last trim: so many nobody needed. */
  private leastIdle = 0;

  constructor(
    private readonly node: NodeAddress,
    private readonly login: Login,
    private readonly limits: PoolLimits,
  ) {}

  /** For metrics. */
  get sizes(): { open: number; idle: number; waiting: number; abandoned: number } {
    return {
      open: this.all.size,
      idle: this.idle.length,
      waiting: this.waiting.length,
      abandoned: this.abandoned.size,
    };
  }

  /** Back ends given up while they ran, by process id on the server. */
  get abandonedPids(): readonly number[] {
    return [...this.abandoned];
  }

  /** The server no longer has these. */
  forget(pids: readonly number[]): void {
    for (const pid of pids) this.abandoned.delete(pid);
  }

  /**
   * A session for one caller, who hands it to {@link release}.
   * @throws AppError `unavailable` when none came within `timeoutMs` or connecting failed, `overloaded` when too many wait
   */
  acquire(timeoutMs: number): Promise<Session> {
    if (this.closed) return Promise.reject(this.unavailable('its pool is closed'));
    if (this.abandoned.size >= this.limits.maxAbandoned)
      return Promise.reject(this.unavailable(`${this.abandoned.size} sessions given up there may still run`));
    const session = this.idle.pop();
    this.leastIdle = Math.min(this.leastIdle, this.idle.length);
    if (session) return Promise.resolve(session);
    if (performance.now() < this.notBeforeMs && this.all.size === 0)
      return Promise.reject(this.unavailable('the last attempt to connect failed just now'));
    if (this.waiting.length >= MAX_WAITING) return Promise.reject(tooManyWaiting(this.node));
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve, reject, timer: setTimeout(() => this.giveUp(waiter), timeoutMs) };
      this.waiting.push(waiter);
      this.grow();
    });
  }

  release(session: Session): void {
    if (session.isLost) return;
    if (session.isBusy) {
      session.lose('no-answer');
      return;
    }
    const next = this.waiting.shift();
    if (next) {
      clearTimeout(next.timer);
      next.resolve(session);
      return;
    }
    this.park(session);
  }

  /** Destroys every socket at once; what was in flight is unknown to its callers. */
  destroyAll(reason: LossReason): void {
    for (const session of this.all) session.lose(reason);
    this.rejectWaiting(this.unavailable(reason));
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.trimmer);
    this.rejectWaiting(this.unavailable('its pool is closed'));
    await Promise.all([...this.all].map((session) => session.close()));
  }

  private park(session: Session): void {
    this.idle.push(session);
    if (this.idle.length > this.limits.idle) this.planTrim();
  }

  private planTrim(): void {
    if (this.trimmer || this.closed) return;
    this.leastIdle = this.idle.length;
    this.trimmer = setTimeout(() => this.trim(), TRIM_AFTER_MS);
    this.trimmer.unref();
  }

  private trim(): void {
    this.trimmer = undefined;
    const surplus = Math.min(this.leastIdle, this.idle.length) - this.limits.idle;
    for (const session of this.idle.splice(0, Math.max(0, surplus))) void session.close();
    if (this.idle.length > this.limits.idle) this.planTrim();
  }

  private giveUp(waiter: Waiter): void {
    const at = this.waiting.indexOf(waiter);
    if (at >= 0) this.waiting.splice(at, 1);
    waiter.reject(this.unavailable('no session became free in time'));
  }

  private grow(): void {
    if (this.connecting || this.closed || this.waiting.length === 0) return;
    if (this.all.size + this.abandoned.size >= this.limits.max) return;
    const pauseMs = this.notBeforeMs - performance.now();
    this.connecting = true;
    if (pauseMs > 0) setTimeout(() => void this.connect(), pauseMs);
    else void this.connect();
  }

  private async connect(): Promise<void> {
    try {
      this.welcome(await Session.open(this.node, this.login));
      this.connecting = false;
    } catch (error) {
      this.connecting = false;
      this.notBeforeMs = performance.now() + BACK_OFF_MS * (1 + Math.random());
      this.rejectWaiting(this.unavailable('it cannot be connected to', error));
    }
    this.grow();
  }

  private welcome(session: Session): void {
    if (this.closed) {
      void session.close();
      return;
    }
    this.all.add(session);
    session.onLost = () => this.farewell(session);
    this.release(session);
  }

  private farewell(session: Session): void {
    this.all.delete(session);
    const at = this.idle.indexOf(session);
    if (at >= 0) this.idle.splice(at, 1);
    if (session.isAbandoned) this.abandoned.add(session.backendPid);
    this.onLost();
    this.grow();
  }

  private rejectWaiting(error: Error): void {
    for (const waiter of this.waiting.splice(0)) {
      clearTimeout(waiter.timer);
      waiter.reject(error);
    }
  }

  private unavailable(why: string, cause?: unknown): AppError {
    return new AppError({
      code: 'unavailable',
      kind: 'unavailable',
      message: `Database node ${this.node.name} gives no session: ${why}. Nothing was done; try again.`,
      retryAfterMs: 1_000,
      cause,
    });
  }
}

const tooManyWaiting = (node: NodeAddress): AppError =>
  new AppError({
    code: 'overloaded',
    kind: 'overloaded',
    message: `${MAX_WAITING} calls already wait for a session with database node ${node.name}. Try again later.`,
    retryAfterMs: 1_000,
  });
