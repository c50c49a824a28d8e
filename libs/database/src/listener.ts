import { logger } from '#libs/telemetry';
import type { RoutedNode } from './routed-node.js';
import type { Router } from './router.js';
import { type Login, Session } from './session.js';
import { unnamed } from './statement.js';

/** How often a missing connection is tried again, and a present one looked at. */
const CHECK_MS = 500;
const CHANNEL = /^[a-z_][a-z0-9_]{0,62}$/;

type Subscriber = (payload: string) => void;

const log = logger('database');

/** One session with the primary for all LISTENs of the process, made again whenever the primary or the session changes. */
export class Listener {
  private readonly subscribers = new Map<string, Set<Subscriber>>();
  private current: { node: RoutedNode; session: Session } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly router: Router,
    private readonly login: Login,
  ) {}

  async listen(channel: string, onNotify: Subscriber): Promise<AsyncDisposable> {
    if (!CHANNEL.test(channel))
      throw new Error(`${channel} is no channel name: use lower-case letters, digits, underscores.`);
    const others = this.subscribers.get(channel) ?? new Set();
    this.subscribers.set(channel, others.add(onNotify));
    if (others.size === 1) await this.current?.session.query(unnamed(`LISTEN ${channel}`)).catch(() => undefined);
    await this.keep();
    this.timer ??= setInterval(() => void this.keep(), CHECK_MS);
    return {
      [Symbol.asyncDispose]: async () => {
        others.delete(onNotify);
      },
    };
  }

  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.timer);
    await this.working;
    await this.current?.session.close();
  }

  private keep(): Promise<void> {
    this.working ??= this.connectIfNeeded().finally(() => {
      this.working = undefined;
    });
    return this.working;
  }

  private async connectIfNeeded(): Promise<void> {
    const node = this.router.primary();
    const { current } = this;
    if (this.closed || !node || (current && !current.session.isLost && current.node === node)) return;
    current?.session.lose('no-longer-primary');
    try {
      const session = await Session.open(node.address, {
        ...this.login,
        applicationName: `${this.login.applicationName}-listen`,
      });
      session.onNotification((channel, payload) => this.tell(channel, payload));
      this.current = { node, session };
      for (const channel of this.subscribers.keys()) await session.query(unnamed(`LISTEN ${channel}`));
      for (const channel of this.subscribers.keys()) this.tell(channel, '');
      session.onLost = () => void this.keep();
    } catch (error) {
      this.current?.session.lose('connection-lost');
      log.debug({ err: error, node: node.name }, 'cannot listen yet');
    }
  }

  private tell(channel: string, payload: string): void {
    for (const subscriber of this.subscribers.get(channel) ?? []) subscriber(payload);
  }
}
