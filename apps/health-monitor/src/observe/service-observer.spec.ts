import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parseTargets } from '#libs/contracts';
import { ServiceObserver } from './service-observer.js';

describe(ServiceObserver.name, () => {
  let server: Server;
  afterEach(() => server.close().closeAllConnections());

  async function look(status: number, ready: object) {
    server = createServer(({ url }, response) =>
      url === '/health/live'
        ? response.end('{"status":"ok","startedAt":"2026-11-27T00:00:00.000Z"}')
        : response.writeHead(status).end(JSON.stringify(ready)),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const [target] = parseTargets(`order-1@seoul=http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    if (!target) throw new Error('no target');
    return new ServiceObserver(target, 1_000).look();
  }

  it('finds one well that is ready, and knows its life', async () =>
    expect(await look(200, { status: 'ok', down: [] })).toMatchObject({
      outcome: 'well',
      life: '2026-11-27T00:00:00.000Z',
    }));

  it('says what keeps one from serving', async () =>
    expect(await look(503, { status: 'error', down: ['database', 'set-aside'] })).toMatchObject({
      outcome: 'unready',
      detail: '/health/ready answers 503 error database set-aside',
    }));

  it('finds one well that is unready because it was set aside: else it could never return', async () =>
    expect(await look(503, { status: 'error', down: ['set-aside'] })).toMatchObject({
      outcome: 'well',
      facts: { setAside: true },
    }));
});
