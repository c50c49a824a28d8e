import { Socket } from 'node:net';
import type { ISocketFactoryArgs } from 'kafkajs';
import { logger } from '#libs/telemetry';
import { type BrokerAddress, type BrokerTls, openSocket } from './broker-address.js';
import { BrokerWatch } from './broker-watch.js';

const log = logger('messaging');

/** Idle connections are asked for life after this time, in ms. */
const KEEP_ALIVE_MS = 60_000;

/** Which brokers to watch, and how to reach them. */
export type BrokerGateOptions = {
  readonly brokers: readonly BrokerAddress[];
  readonly tls?: BrokerTls | undefined;
  readonly everyMs?: number;
  readonly limitMs?: number;
};

/**
 * Makes a frozen broker look like one that refuses connections. kafkajs leaves a broker whose connection breaks, but never
 * one that holds it and says nothing. So while a broker does not answer, kafkajs' sockets to it are destroyed and new
 * ones refused.
 */
export class BrokerGate {
  private readonly shut = new Set<BrokerAddress>();
  private readonly sockets = new Map<BrokerAddress, Set<Socket>>();
  private readonly watches: BrokerWatch[];

  constructor(private readonly options: BrokerGateOptions) {
    const { brokers, tls, everyMs, limitMs } = options;
    this.watches = brokers.map(
      (broker) =>
        new BrokerWatch({
          open: (onConnect) => openSocket(broker, tls, onConnect),
          onVerdict: (answers) => (answers ? this.admit(broker) : this.refuse(broker)),
          ...(everyMs !== undefined && { everyMs }),
          ...(limitMs !== undefined && { limitMs }),
        }),
    );
  }

  /** Brokers that do not answer. */
  get down(): readonly BrokerAddress[] {
    return [...this.shut];
  }

  /** All brokers in random order, those that answer first: what a new client should try. */
  seeds(): BrokerAddress[] {
    const shuffled = this.options.brokers.map((broker) => ({
      broker,
      at: Math.random() + (this.shut.has(broker) ? 1 : 0),
    }));
    return shuffled.sort((a, b) => a.at - b.at).map(({ broker }) => broker);
  }

  /** kafkajs' `socketFactory`. */
  readonly connect = ({ host, port, onConnect }: ISocketFactoryArgs): Socket => {
    const address: BrokerAddress = `${host}:${port}`;
    if (this.shut.has(address)) return refusedSocket(address);
    const socket = openSocket(address, this.options.tls, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setNoDelay(true);
    const open = this.sockets.get(address) ?? new Set();
    this.sockets.set(address, open.add(socket));
    socket.once('close', () => {
      open.delete(socket);
      freezeRef(socket);
    });
    return socket;
  };

  stop(): void {
    for (const watch of this.watches) watch.stop();
  }

  private admit(broker: BrokerAddress): void {
    if (this.shut.delete(broker)) log.info({ broker }, 'broker answers again');
  }

  private refuse(broker: BrokerAddress): void {
    if (this.shut.has(broker)) return;
    this.shut.add(broker);
    log.warn({ broker }, 'broker does not answer: its connections are cut');
    const error = Object.assign(new Error(`broker ${broker} does not answer`), { code: 'ECONNRESET' });
    for (const socket of this.sockets.get(broker) ?? []) socket.destroy(error);
  }
}

function refusedSocket(address: BrokerAddress): Socket {
  const socket = freezeRef(new Socket());
  const error = Object.assign(new Error(`connect ECONNREFUSED ${address} (gate)`), { code: 'ECONNREFUSED' });
  process.nextTick(() => socket.destroy(error));
  return socket;
}

/** kafkajs calls ref() and unref() on sockets that are gone, which would then wait for a connection for ever. */
function freezeRef(socket: Socket): Socket {
  socket.ref = () => socket;
  socket.unref = () => socket;
  return socket;
}
