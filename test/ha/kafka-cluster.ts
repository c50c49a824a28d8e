import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../support/free-port.js';
import { BROKER_DEFAULTS, KafkaProgram } from '../support/kafka-program.js';

const ROOT = join(import.meta.dirname, '../..');
const HEAP_MB = 192;

/** Three brokers, which are controllers too, as child processes of a test. Needs Java 17 or later. */
export class KafkaCluster implements AsyncDisposable {
  private readonly brokers: (ChildProcess | undefined)[] = [];

  private constructor(
    /** `host:port` of each. */
    readonly addresses: readonly string[],
    private readonly folder: string,
    private readonly kafka: KafkaProgram,
  ) {}

  static async start(): Promise<KafkaCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'twofold-kafka-'));
    const ports = await freePorts(6);
    const cluster = new KafkaCluster(
      ports.slice(0, 3).map((port) => `127.0.0.1:${port}`),
      folder,
      new KafkaProgram(ROOT, HEAP_MB),
    );
    const id = randomBytes(16).toString('base64url');
    await Promise.all([0, 1, 2].map((n) => cluster.format(n, ports, id)));
    for (const n of [0, 1, 2]) cluster.run(n);
    return cluster;
  }

  /** As a process that hangs: its connections stay, nothing answers. */
  freeze(n: number): Disposable {
    this.brokers[n]?.kill('SIGSTOP');
    return { [Symbol.dispose]: () => this.brokers[n]?.kill('SIGCONT') };
  }

  /** As `kill -9`; disposing starts it again on its data. */
  kill(n: number): Disposable {
    this.brokers[n]?.kill('SIGKILL');
    return { [Symbol.dispose]: () => this.run(n) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const broker of this.brokers) broker?.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private async format(n: number, ports: readonly number[], id: string): Promise<void> {
    writeFileSync(this.propertiesFile(n), propertiesOf(n, ports, this.folder));
    await this.kafka.format(id, this.propertiesFile(n));
  }

  private run(n: number): void {
    this.brokers[n] = this.kafka.run(this.propertiesFile(n));
  }

  private propertiesFile(n: number): string {
    return join(this.folder, `${n}.properties`);
  }
}

/** The settings of `infra/kafka` that decide how a cluster fails over. */
function propertiesOf(n: number, ports: readonly number[], folder: string): string {
  const voters = [0, 1, 2].map((i) => `${i + 1}@127.0.0.1:${ports[3 + i]}`).join(',');
  return `${BROKER_DEFAULTS}
node.id=${n + 1}
controller.quorum.voters=${voters}
log.dirs=${join(folder, `data-${n}`)}
listeners=CLIENT://127.0.0.1:${ports[n]},CONTROLLER://127.0.0.1:${ports[3 + n]}
advertised.listeners=CLIENT://127.0.0.1:${ports[n]}
unclean.leader.election.enable=false
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
controller.quorum.fetch.timeout.ms=1000
controller.quorum.election.timeout.ms=500
controller.quorum.election.backoff.max.ms=500
controller.quorum.request.timeout.ms=1000
replica.lag.time.max.ms=3000
request.timeout.ms=3000
`;
}
