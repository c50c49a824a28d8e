import { setTimeout as sleep } from 'node:timers/promises';
import type { Watcher } from 'etcd3';
import { logger } from '#libs/telemetry';
import type { EtcdCluster } from './etcd-cluster.js';
import { EtcdLease } from './etcd-lease.js';
import { type Instance, instance } from './instance.js';
import { Registry } from './registry.js';

const PREFIX = '/twofold/instances/';
/** The whole list is read again this often: a watch on a frozen member says nothing. */
const READ_EVERY_MS = 2_000;
/** Between two attempts to register. */
const REGISTER_PAUSE_MS = 500;

const log = logger('registry');

/** Instances under leases in etcd; the last list read is used for as long as etcd cannot be read. */
export class EtcdRegistry extends Registry {
  private known: readonly Instance[] = [];
  private watcher: Watcher | undefined;
  private reading: Promise<void> | undefined;
  private readonly timer: NodeJS.Timeout;

  constructor(
    site: string,
    private readonly etcd: EtcdCluster,
    private readonly leaseSeconds: number,
  ) {
    super(site);
    this.timer = setInterval(() => void this.read(), READ_EVERY_MS);
    void this.read();
  }

  instancesOf(service: string): readonly Instance[] {
    return this.known.filter((each) => each.service === service);
  }

  register(self: Instance): AsyncDisposable {
    const stop = new AbortController();
    const done = this.stayRegistered(self, stop.signal);
    return {
      [Symbol.asyncDispose]: async () => {
        stop.abort();
        await done;
      },
    };
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.watcher?.cancel().catch(() => undefined);
  }

  private async stayRegistered(self: Instance, stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      try {
        const lease = await EtcdLease.grant(this.etcd, this.leaseSeconds);
        await this.put(self, lease.id);
        log.info({ instance: self.name, url: self.url }, 'registered');
        await aborted(AbortSignal.any([stop, lease.signal]));
        if (stop.aborted) await lease.revoke();
        else log.warn({ instance: self.name }, 'registration lost, registering again');
      } catch (error) {
        log.debug({ err: error }, 'cannot register yet');
      }
      await sleep(REGISTER_PAUSE_MS, undefined, { signal: stop }).catch(() => undefined);
    }
  }

  private async put(self: Instance, lease: string): Promise<void> {
    const [key, value] = [Buffer.from(PREFIX + self.name), Buffer.from(JSON.stringify(self))];
    await this.etcd.tell((member, limit) => member.kv.put({ key, value, lease }, limit));
  }

  /** Reads the list; one read at a time. */
  private read(): Promise<void> {
    this.reading ??= this.readOnce().finally(() => {
      this.reading = undefined;
    });
    return this.reading;
  }

  private async readOnce(): Promise<void> {
    try {
      const { kvs } = await this.etcd.ask((member, limit) => member.kv.range(rangeOf(PREFIX), limit));
      this.known = kvs.flatMap(({ value }) => parse(value));
      this.watch();
    } catch (error) {
      log.debug({ err: error, known: this.known.length }, 'etcd cannot be read, going on with the last list');
    }
  }

  private watch(): void {
    if (this.watcher) return;
    const watcher = this.etcd.nextMember().watch().prefix(PREFIX).watcher();
    this.watcher = watcher;
    const again = (): void => {
      if (this.watcher !== watcher) return;
      this.watcher = undefined;
      void watcher.cancel().catch(() => undefined);
    };
    watcher.on('data', () => void this.read());
    watcher.on('disconnected', again);
    watcher.on('error', again);
  }
}

/** All keys that begin with `prefix`. */
function rangeOf(prefix: string): { key: Buffer; range_end: Buffer } {
  const end = Buffer.from(prefix);
  end[end.length - 1] = (end[end.length - 1] ?? 0) + 1;
  return { key: Buffer.from(prefix), range_end: end };
}

/** What another version wrote and we do not understand is left out. */
function parse(value: Buffer): Instance[] {
  try {
    return [instance.parse(JSON.parse(value.toString()))];
  } catch (error) {
    log.warn({ err: error }, 'an instance registered in a form not known here');
    return [];
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  signal.aborted
    ? Promise.resolve()
    : new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
