import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { Redis } from 'ioredis';
import { QuietSentinelConnector } from './quiet-sentinel-connector.js';

describe(QuietSentinelConnector.name, () => {
  describe('when a connection to a Sentinel is closed while it subscribes', () => {
    it('tells whoever waits for it, and fails nothing else when nobody does', async () => {
      await using server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const { port } = server.address() as AddressInfo;
      const connector = new QuietSentinelConnector({ sentinels: [{ host: '127.0.0.1', port }], name: 'mymaster' });
      const client = connector.connectToSentinel({ host: '127.0.0.1', port }, { lazyConnect: true }) as Redis;
      // Jest fails a test by an unhandled rejection.
      void client.subscribe('+switch-master');
      const waitedFor = client.subscribe('+sdown');
      await sleep(50);
      client.disconnect();
      await expect(waitedFor).rejects.toThrow('Connection is closed');
      await sleep(10);
    });
  });
});
