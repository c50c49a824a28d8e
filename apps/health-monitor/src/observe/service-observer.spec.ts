import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parseTargets, type Target } from '#libs/contracts';
import { ServiceObserver } from './service-observer.js';

describe(ServiceObserver.name, () => {
  let server: Server;
  afterEach(() => server.close().closeAllConnections());

  function order1(listening: Server): Target {
    const [target] = parseTargets(`order-1@seoul=http://127.0.0.1:${(listening.address() as AddressInfo).port}`);
    if (!target) throw new Error('no target');
    return target;
  }

  async function look(status: number, ready: object) {
    server = createServer(({ url }, response) =>
      url === '/health/live'
        ? response.end('{"status":"ok","startedAt":"2026-11-27T00:00:00.000Z"}')
        : response.writeHead(status).end(JSON.stringify(ready)),
    ).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ServiceObserver(order1(server), 1_000).look();
  }

  describe('when no answer comes in time', () => {
    const LIMIT_MS = 100;

    async function lookTwice(answer: (response: ServerResponse) => void) {
      server = createServer((_, response) => answer(response)).listen(0, '127.0.0.1');
      await once(server, 'listening');
      const observer = new ServiceObserver(order1(server), LIMIT_MS);
      const first = await observer.look();
      await pause(3 * LIMIT_MS);
      return [first.outcome, (await observer.look()).outcome];
    }

    it('calls one slow whose answers come late, for a restart would make an overload worse', async () =>
      expect(await lookTwice((response) => void setTimeout(() => response.end('{}'), 2 * LIMIT_MS))).toEqual([
        'silent',
        'unready',
      ]));

    it('calls one silent that never answers, as when it is frozen', async () =>
      expect(await lookTwice(() => undefined)).toEqual(['silent', 'silent']));
  });

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
