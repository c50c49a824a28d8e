import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/free-port.js';
import { BROKER_DEFAULTS, KafkaProgram } from '../../support/kafka-program.js';
import { ROOT } from './service-process.js';

const HEAP_MB = 256;
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
    const kafka = new KafkaProgram(ROOT, HEAP_MB);
    await kafka.format(randomBytes(16).toString('base64url'), properties);
    const child = kafka.run(properties);
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

const propertiesOf = (port: number, controllerPort: number, folder: string): string => `${BROKER_DEFAULTS}
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
log.dirs=${join(folder, 'data')}
listeners=CLIENT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=CLIENT://127.0.0.1:${port}
log.message.timestamp.type=LogAppendTime
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
`;
