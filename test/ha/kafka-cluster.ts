import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
const JVM = ['-Xms192m', '-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'];

/** The jars of the release that `infra/kafka` runs: `TEST_KAFKA_LIBS`, else fetched once by Maven. */
function kafkaLibs(): string {
  const given = process.env.TEST_KAFKA_LIBS;
  if (given !== undefined) return given;
  const cached = join(root, 'node_modules/.cache/kafka-libs');
  if (!existsSync(cached)) {
    const options = ['-B', '-q', '-ntp', '-f', join(root, 'infra/kafka/pom.xml'), 'dependency:copy-dependencies'];
    execFileSync('mvn', [...options, '-DincludeScope=runtime', `-DoutputDirectory=${cached}`], { stdio: 'inherit' });
  }
  return cached;
}

/** Three brokers, which are controllers too, as child processes of a test. Needs Java 17 or later. */
export class KafkaCluster implements AsyncDisposable {
  private readonly brokers: (ChildProcess | undefined)[] = [];

  private constructor(
    /** `host:port` of each. */
    readonly addresses: readonly string[],
    private readonly folder: string,
    private readonly libs: string,
  ) {}

  static async start(): Promise<KafkaCluster> {
    const folder = mkdtempSync(join(tmpdir(), 'twofold-kafka-'));
    const ports = await freePorts(6);
    const cluster = new KafkaCluster(
      ports.slice(0, 3).map((port) => `127.0.0.1:${port}`),
      folder,
      kafkaLibs(),
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
    const properties = join(this.folder, `${n}.properties`);
    writeFileSync(properties, propertiesOf(n, ports, this.folder));
    const tool = ['-cp', `${this.libs}/*`, 'kafka.tools.StorageTool', 'format', '--cluster-id', id];
    await promisify(execFile)('java', [...JVM, ...tool, '--config', properties]);
  }

  private run(n: number): void {
    const command = [...JVM, '-cp', `${this.libs}/*`, 'kafka.Kafka', join(this.folder, `${n}.properties`)];
    this.brokers[n] = spawn('java', command, { stdio: 'ignore' });
  }
}

/** The settings of `infra/kafka` that decide how a cluster fails over. */
function propertiesOf(n: number, ports: readonly number[], folder: string): string {
  const voters = [0, 1, 2].map((i) => `${i + 1}@127.0.0.1:${ports[3 + i]}`).join(',');
  return `
process.roles=broker,controller
node.id=${n + 1}
controller.quorum.voters=${voters}
controller.listener.names=CONTROLLER
log.dirs=${join(folder, `data-${n}`)}
listeners=CLIENT://127.0.0.1:${ports[n]},CONTROLLER://127.0.0.1:${ports[3 + n]}
advertised.listeners=CLIENT://127.0.0.1:${ports[n]}
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENT
auto.create.topics.enable=false
unclean.leader.election.enable=false
offsets.topic.replication.factor=3
offsets.topic.num.partitions=3
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
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=3000
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
log.index.size.max.bytes=1048576
`;
}

async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer());
  await Promise.all(probes.map((probe) => new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))));
  const ports = probes.map((probe) => (probe.address() as { port: number }).port);
  await Promise.all(probes.map((probe) => new Promise((resolve) => probe.close(resolve))));
  return ports;
}
