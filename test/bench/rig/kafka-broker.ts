import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/free-port.js';
import { ROOT } from './service-process.js';

const JVM = ['-Xms256m', '-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'];
const START_PATIENCE_MS = 60_000;

/** One KRaft broker, its own controller. Needs Java 17 and the jars of `infra/kafka`: `TEST_KAFKA_LIBS`, else Maven fetches them. */
export class KafkaBroker implements AsyncDisposable {
  private constructor(
    readonly address: string,
    private readonly child: ChildProcess,
    private readonly folder: string,
  ) {}

  static async start(): Promise<KafkaBroker> {
    const folder = mkdtempSync(join(tmpdir(), 'twofold-bench-kafka-'));
    const [port, controllerPort] = [await freePort(), await freePort()];
    const properties = join(folder, 'server.properties');
    writeFileSync(properties, propertiesOf(port, controllerPort, folder));
    const java = [...JVM, '-cp', `${kafkaLibs()}/*`];
    const id = randomBytes(16).toString('base64url');
    const format = ['kafka.tools.StorageTool', 'format', '--cluster-id', id, '--config', properties];
    execFileSync('java', [...java, ...format], { stdio: ['ignore', 'ignore', 'pipe'] });
    const child = spawn('java', [...java, 'kafka.Kafka', properties], { stdio: 'ignore' });
    await whenListening(port);
    return new KafkaBroker(`127.0.0.1:${port}`, child, folder);
  }

  get pid(): number {
    return this.child.pid as number;
  }

  /** Settings of a service that uses it. */
  get environment(): Record<string, string> {
    return {
      MESSAGING_BUS: 'kafka',
      MESSAGING_BROKERS: `kafka-1=${this.address}`,
      MESSAGING_REPLICATION_FACTOR: '1',
      MESSAGING_MIN_IN_SYNC_REPLICAS: '1',
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function kafkaLibs(): string {
  const given = process.env.TEST_KAFKA_LIBS;
  if (given !== undefined) return given;
  const cached = join(ROOT, 'node_modules/.cache/kafka-libs');
  if (!existsSync(cached)) {
    const options = ['-B', '-q', '-ntp', '-f', join(ROOT, 'infra/kafka/pom.xml'), 'dependency:copy-dependencies'];
    execFileSync('mvn', [...options, '-DincludeScope=runtime', `-DoutputDirectory=${cached}`], { stdio: 'inherit' });
  }
  return cached;
}

async function whenListening(port: number): Promise<void> {
  const deadline = Date.now() + START_PATIENCE_MS;
  for (;;) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isUp) return;
    if (Date.now() > deadline) throw new Error('The Kafka broker does not listen. Is Java 17 or later on the path?');
    await sleep(200);
  }
}

const propertiesOf = (port: number, controllerPort: number, folder: string): string => `
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
controller.listener.names=CONTROLLER
log.dirs=${join(folder, 'data')}
listeners=CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=CLIENT://127.0.0.1:${port}
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENT
auto.create.topics.enable=false
log.message.timestamp.type=LogAppendTime
offsets.topic.replication.factor=1
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=3000
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
log.index.size.max.bytes=1048576
`;
