import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EtcdCluster, EtcdFencedLease, PatroniWitness, Registry } from '#libs/registry';
import { EtcdRegistry } from '../../libs/registry/src/etcd-registry.js';
import { parseInstance } from '../../libs/registry/src/instance.js';
import { eventually } from '../support/eventually.js';
import { freePorts } from '../support/free-port.js';
import { describeWith } from '../support/needs-program.js';

const CALL_TIMEOUT_MS = 900;
const LEASE_SECONDS = 2;

/** Three members of etcd as child processes of the test; needs Debian's `etcd-server`. */
class Etcd implements AsyncDisposable {
  private constructor(
    readonly urls: readonly string[],
    readonly members: readonly ChildProcess[],
    private readonly folder: string,
  ) {}

  static async start(): Promise<Etcd> {
    const folder = mkdtempSync(join(tmpdir(), 'twofold-etcd-'));
    const ports = await freePorts(6);
    const [clients, peers] = [ports.slice(0, 3), ports.slice(3)].map((some) =>
      some.map((port) => `http://127.0.0.1:${port}`),
    );
    const members = [0, 1, 2].map((n) =>
      spawn('etcd', flagsOf(n, clients?.[n] ?? '', peers ?? [], folder), { stdio: 'ignore' }),
    );
    return new Etcd(clients ?? [], members, folder);
  }

  freeze(...which: number[]): Disposable {
    for (const n of which) this.members[n]?.kill('SIGSTOP');
    return { [Symbol.dispose]: () => which.forEach((n) => this.members[n]?.kill('SIGCONT')) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const member of this.members) member.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function flagsOf(n: number, client: string, peers: readonly string[], folder: string): string[] {
  const cluster = peers.map((url, m) => `m${m}=${url}`).join(',');
  const flags = {
    name: `m${n}`,
    'data-dir': join(folder, `m${n}`),
    'initial-cluster': cluster,
    'listen-client-urls': client,
    'advertise-client-urls': client,
    'listen-peer-urls': peers[n] ?? '',
    'initial-advertise-peer-urls': peers[n] ?? '',
  };
  return Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]);
}

const put = (cluster: EtcdCluster, key: string, value: string): Promise<unknown> =>
  cluster.tell((member, limit) => member.kv.put({ key: Buffer.from(key), value: Buffer.from(value) }, limit));

const LEADER_KEY = '/twofold/monitor/leader';
const LATE_JOBS = '/twofold/jobs/late';

/** Leads, checks that it does, is stopped right there as by a frozen machine, and acts when it goes on. */
const FROZEN_MONITOR = `
  import { EtcdCluster, EtcdFencedLease } from '${new URL('../../dist/libs/registry/src/index.js', import.meta.url).href}';
  const cluster = new EtcdCluster({ etcd: process.argv.slice(1), callTimeoutMs: ${CALL_TIMEOUT_MS} });
  const term = await new EtcdFencedLease(cluster, '${LEADER_KEY}', ${LEASE_SECONDS}).tryToLead('monitor-1');
  if (!term || term.signal.aborted) process.exit(1);
  console.log(term.token);
  process.kill(process.pid, 'SIGSTOP');
  console.log('written: ' + (await term.write({ '${LATE_JOBS}': 'restart order-1' })));
`;

/** Lines of a child's output, one at a time. */
function lines({ stdout }: ChildProcess): { next(): Promise<string> } {
  if (!stdout) throw new Error('the child has no output');
  const all = createInterface({ input: stdout })[Symbol.asyncIterator]();
  return { next: async () => (await all.next()).value as string };
}

async function jobs(cluster: EtcdCluster): Promise<string[]> {
  const { kvs } = await cluster.ask((member, limit) => member.kv.range({ key: Buffer.from(LATE_JOBS) }, limit));
  return kvs.map(({ value }) => value.toString());
}

describeWith('etcd')('registry on etcd', () => {
  let etcd: Etcd;
  let cluster: EtcdCluster;

  beforeAll(async () => {
    etcd = await Etcd.start();
    cluster = new EtcdCluster({ etcd: etcd.urls, callTimeoutMs: CALL_TIMEOUT_MS });
    await eventually(() => put(cluster, '/ready', 'yes'), { timeoutMs: 20_000 });
  }, 30_000);

  afterAll(async () => {
    cluster.close();
    await etcd[Symbol.asyncDispose]();
  });

  describe(PatroniWitness.name, () => {
    it('names the leader while one member is frozen, and refuses without a majority', async () => {
      const witness = new PatroniWitness(cluster, 'twofold');
      expect(await witness.leader()).toBeUndefined();
      await put(cluster, '/service/twofold/leader', 'pg-3');
      {
        using _one = etcd.freeze(0);
        await eventually(async () => expect(await witness.leader()).toMatchObject({ name: 'pg-3' }), {
          timeoutMs: 5_000,
        });
      }
      {
        using _two = etcd.freeze(0, 1);
        await expect(witness.leader()).rejects.toMatchObject({ code: 'unavailable' });
      }
      await eventually(async () => expect(await witness.leader()).toMatchObject({ name: 'pg-3' }), {
        timeoutMs: 5_000,
      });
    }, 30_000);
  });

  describe(Registry.name, () => {
    it('learns of instances at once, keeps them while etcd is lost, and forgets who left', async () => {
      const registry = new EtcdRegistry('seoul', cluster, LEASE_SECONDS);
      const registration = registry.register(parseInstance('payment-1@seoul=http://10.0.0.1:3000'));
      await eventually(() => expect(registry.choose('payment').name).toBe('payment-1'), { timeoutMs: 5_000 });
      {
        using _all = etcd.freeze(0, 1, 2);
        await new Promise((resolve) => setTimeout(resolve, LEASE_SECONDS * 1_500));
        expect(registry.choose('payment').name).toBe('payment-1');
      }
      await eventually(() => put(cluster, '/ready', 'again'), { timeoutMs: 10_000 });
      await eventually(() => expect(registry.choose('payment').name).toBe('payment-1'), { timeoutMs: 10_000 });
      await registration[Symbol.asyncDispose]();
      await eventually(() => expect(() => registry.choose('payment')).toThrow('No instance of payment'), {
        timeoutMs: 5_000,
      });
      await registry.close();
    }, 40_000);
  });

  describe(EtcdFencedLease.name, () => {
    it('lets one lead, with tokens that grow, and writes nothing for a term that is over', async () => {
      const [one, two] = [0, 1].map(() => new EtcdFencedLease(cluster, LEADER_KEY, LEASE_SECONDS));
      const first = await one?.tryToLead('monitor-1');
      expect(await two?.tryToLead('monitor-2')).toBeUndefined();
      expect(await first?.write({ '/twofold/jobs/1': 'restart order-1' })).toBe(true);
      expect(await two?.current()).toEqual({ holder: 'monitor-1', token: first?.token });
      await first?.end();
      const second = await two?.tryToLead('monitor-2');
      expect(Number(second?.token)).toBeGreaterThan(Number(first?.token));
      expect(await first?.write({ '/twofold/jobs/2': 'too late' })).toBe(false);
      await second?.end();
    }, 20_000);

    it('writes nothing for a monitor that was frozen between its check and its act, and thawed under a successor', async () => {
      const frozen = spawn(process.execPath, ['--input-type=module', '-e', FROZEN_MONITOR, ...etcd.urls], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      try {
        const said = lines(frozen);
        const token = await said.next();
        const successor = new EtcdFencedLease(cluster, LEADER_KEY, LEASE_SECONDS);
        const next = await eventually(
          async () => {
            const term = await successor.tryToLead('monitor-2');
            if (!term) throw new Error('the frozen monitor still leads');
            return term;
          },
          { timeoutMs: 10_000 },
        );
        expect(Number(next.token)).toBeGreaterThan(Number(token));
        frozen.kill('SIGCONT');
        expect(await said.next()).toBe('written: false');
        expect(await jobs(cluster)).toEqual([]);
        expect(await successor.current()).toEqual({ holder: 'monitor-2', token: next.token });
        await next.end();
      } finally {
        frozen.kill('SIGKILL');
      }
    }, 30_000);

    it('knows in time that its term may be over, when etcd is lost', async () => {
      const term = await new EtcdFencedLease(cluster, LEADER_KEY, LEASE_SECONDS).tryToLead('monitor-1');
      const startedMs = performance.now();
      using _all = etcd.freeze(0, 1, 2);
      await eventually(() => expect(term?.signal.aborted).toBe(true), { timeoutMs: 5_000 });
      expect(performance.now() - startedMs).toBeLessThan(LEASE_SECONDS * 1_000 + 600);
    }, 20_000);
  });
});
