import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { Kafka, type KafkaConfig, type logCreator, logLevel } from 'kafkajs';
import type { ConfigOf } from '#libs/config';
import { logger } from '#libs/telemetry';
import type { busConfig } from '../messaging.config.js';
import { addressOf, type BrokerTls } from './broker-address.js';
import { BrokerGate } from './broker-gate.js';
import { guardKafkajs } from './guards.js';

const log = logger('kafkajs');

/** What kafkajs says is detail: what matters is logged by those who use it. */
const quietly: logCreator =
  () =>
  ({ namespace, log: { message } }) =>
    log.debug({ namespace, detail: message }, 'kafkajs says');

/** Makes clients of the cluster; all of them stand behind one {@link BrokerGate}. */
export class KafkaClients {
  readonly gate: BrokerGate;

  constructor(config: ConfigOf<typeof busConfig>) {
    guardKafkajs();
    const brokers = config.brokers.map(addressOf);
    if (brokers.length === 0) throw new Error('MESSAGING_BROKERS is empty. Name all brokers: kafka-1=host:port,…');
    this.gate = new BrokerGate({ brokers, tls: readTls(config) });
  }

  /** A client with connections of its own. TLS is the gate's: it opens all sockets. */
  create(part: string, limits: Pick<KafkaConfig, 'requestTimeout' | 'retry'>): Kafka {
    return new Kafka({
      clientId: `${part}-${hostname()}-${process.pid}`,
      brokers: this.gate.seeds(),
      socketFactory: this.gate.connect,
      connectionTimeout: 1_000,
      authenticationTimeout: 2_000,
      logLevel: logLevel.WARN,
      logCreator: quietly,
      ...limits,
    });
  }

  close(): void {
    this.gate.stop();
  }
}

function readTls({ caFile, certFile, keyFile }: ConfigOf<typeof busConfig>): BrokerTls | undefined {
  if (caFile === undefined) return undefined;
  return {
    ca: readFileSync(caFile, 'utf8'),
    ...(certFile !== undefined && { cert: readFileSync(certFile, 'utf8') }),
    ...(keyFile !== undefined && { key: readFileSync(keyFile, 'utf8') }),
  };
}
