import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../../test/support/eventually.js';
import type { BrokerAddress } from './broker-address.js';
import { BrokerGate } from './broker-gate.js';

const ANSWER = Buffer.from([0, 0, 0, 6, 0, 0, 0, 1, 0, 0]);

/** Answers every question until it is told to hang. */
class Broker {
  hangs = false;
  readonly sockets = new Set<Socket>();
  private constructor(
    readonly server: Server,
    readonly port: number,
  ) {}

  static async start(): Promise<Broker> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const broker = new Broker(server, (server.address() as { port: number }).port);
    server.on('connection', (socket) => {
      broker.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('data', () => {
        if (!broker.hangs) socket.write(ANSWER);
      });
    });
    return broker;
  }

  stop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }
}

describe(BrokerGate.name, () => {
  let broker: Broker;
  let gate: BrokerGate;
  const connect = (onConnect: () => void = () => undefined): Socket =>
    gate.connect({ host: '127.0.0.1', port: broker.port, ssl: {}, onConnect }).on('error', () => undefined);

  beforeEach(async () => {
    broker = await Broker.start();
    gate = new BrokerGate({ brokers: [`127.0.0.1:${broker.port}` as BrokerAddress], everyMs: 20, limitMs: 200 });
  });

  afterEach(() => {
    gate.stop();
    broker.stop();
  });

  describe('while a broker answers', () => {
    it('lets kafkajs through', async () => {
      await new Promise<void>((resolve) => void connect(resolve));
      expect(gate.down).toEqual([]);
    });
  });

  describe('when a broker keeps its connections and says nothing', () => {
    it('cuts them, refuses new ones, and opens again when it answers', async () => {
      const socket = await new Promise<Socket>((resolve) => {
        const opened: Socket = connect(() => resolve(opened));
      });
      const cut = once(socket, 'error');
      broker.hangs = true;
      expect((await cut)[0]).toMatchObject({ code: 'ECONNRESET' });
      expect((await once(connect(), 'error'))[0]).toMatchObject({ code: 'ECONNREFUSED' });
      expect(gate.down).toEqual([`127.0.0.1:${broker.port}`]);
      broker.hangs = false;
      await eventually(() => expect(gate.down).toEqual([]));
      await new Promise<void>((resolve) => void connect(resolve));
    });
  });

  describe('when a broker is gone', () => {
    it('says so, and comes last among the seeds', async () => {
      broker.stop();
      await eventually(() => expect(gate.down).toHaveLength(1));
      expect(gate.seeds()).toHaveLength(1);
    });
  });
});
