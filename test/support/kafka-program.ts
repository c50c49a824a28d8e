import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Small enough for several brokers beside a test. */
const FLAGS = ['-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-XX:-UsePerfData'];

/** Settings of every broker of ours outside of containers, whatever it is for. */
export const BROKER_DEFAULTS = `
process.roles=broker,controller
controller.listener.names=CONTROLLER
listener.security.protocol.map=CLIENT:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=CLIENT
auto.create.topics.enable=false
offsets.topic.num.partitions=3
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=3000
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=16777216
log.index.size.max.bytes=1048576
`;

/** The programs of the release that `infra/kafka` runs, as processes. Needs Java 17 or later. */
export class KafkaProgram {
  private readonly java: readonly string[];

  /**
   * @param root the checkout
   * @param heapMb of each process
   */
  constructor(root: string, heapMb: number) {
    this.java = [`-Xms${heapMb}m`, `-Xmx${heapMb}m`, ...FLAGS, '-cp', `${jarsOf(root)}/*`];
  }

  /** Prepares the log folder that the settings name. */
  async format(clusterId: string, propertiesFile: string): Promise<void> {
    // An id may begin with a dash, which by itself would be taken for an option.
    const tool = ['kafka.tools.StorageTool', 'format', `--cluster-id=${clusterId}`, '--config', propertiesFile];
    await promisify(execFile)('java', [...this.java, ...tool]);
  }

  run(propertiesFile: string): ChildProcess {
    return spawn('java', [...this.java, 'kafka.Kafka', propertiesFile], { stdio: 'ignore' });
  }
}

/** `TEST_KAFKA_LIBS`, else fetched once by Maven. */
function jarsOf(root: string): string {
  const given = process.env.TEST_KAFKA_LIBS;
  if (given !== undefined) return given;
  const cached = join(root, 'node_modules/.cache/kafka-libs');
  if (!existsSync(cached)) {
    const options = ['-B', '-q', '-ntp', '-f', join(root, 'infra/kafka/pom.xml'), 'dependency:copy-dependencies'];
    execFileSync('mvn', [...options, '-DincludeScope=runtime', `-DoutputDirectory=${cached}`], { stdio: 'inherit' });
  }
  return cached;
}
