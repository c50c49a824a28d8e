import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Journal } from '../check/journal.js';
import type { JournalLine } from '../check/journal-line.js';
import { BrokenJournalError, readJournal } from '../check/read-journal.js';
import { ReferenceClient } from './reference-client.js';

const ORDER_ID = '01a20e27-3873-76aa-950c-6d8aa6f22d04';
const ADA = { id: 'ada', token: 'token' };
const BODY = { items: [{ sku: 'A', quantity: 1 }], paymentToken: 'tok_ok' };
const POLICY = { attemptTimeoutMs: 300, patienceMs: 30_000, firstPauseMs: 5, maxPauseMs: 20 };

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

const created: Behaviour = (_, response) =>
  response
    .writeHead(201)
    .end(JSON.stringify({ orderId: ORDER_ID, status: 'PLACED', payment: { status: 'REQUESTED' } }));
const problem =
  (status: number, code: string): Behaviour =>
  (_, response) =>
    response.writeHead(status, { 'retry-after': '1' }).end(JSON.stringify({ status, code }));
const silent: Behaviour = () => {};
const dropped: Behaviour = (request) => request.socket.destroy();

describe(ReferenceClient.name, () => {
  let folder: string;
  let servers: Server[];
  let seen: { door: number; key: string }[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'twofold-client-'));
    servers = [];
    seen = [];
  });
  afterEach(() => {
    for (const server of servers) server.close().closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  /** Two doors that behave in turn, over all requests together. */
  async function shop(...behaviours: Behaviour[]): Promise<string[]> {
    servers = [0, 1].map((door) =>
      createServer((request, response) => {
        seen.push({ door, key: String(request.headers['idempotency-key']) });
        const behave = behaviours.shift() ?? created;
        request.resume().on('end', () => behave(request, response));
      }).listen(0, '127.0.0.1'),
    );
    await Promise.all(servers.map((server) => once(server, 'listening')));
    return servers.map((server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  }

  const lines = async (): Promise<JournalLine[]> => {
    const all: JournalLine[] = [];
    for await (const line of readJournal(join(folder, 'journal'))) all.push(line);
    return all;
  };

  describe('when a door is silent, drops the connection or is overloaded', () => {
    it('asks the doors in turn under the same key until one answers, and writes all of it down', async () => {
      const doors = await shop(silent, dropped, problem(503, 'unavailable'), problem(409, 'idempotency-in-flight'));
      const journal = await Journal.open(join(folder, 'journal'));
      await using client = new ReferenceClient({ doors, journal, policy: POLICY });
      const end = await client.place(ADA, 'key-1', BODY);
      await journal.close();
      expect(end).toMatchObject({
        status: 201,
        isSettled: true,
        attempts: 5,
        orderId: ORDER_ID,
        orderStatus: 'PLACED',
      });
      expect(seen).toEqual([0, 1, 0, 1, 1].map((door) => ({ door, key: 'key-1' })));
      expect((await lines()).map((line) => (line.kind === 'answer' ? line.status : line.kind))).toEqual([
        'intent',
        0,
        'intent',
        0,
        'intent',
        503,
        'intent',
        409,
        'intent',
        201,
      ]);
    });
  });

  describe('when one door says 503', () => {
    it('does not wait as long as that door asks for, but goes to the other', async () => {
      const policy = { ...POLICY, maxPauseMs: 5_000 };
      await using client = new ReferenceClient({ doors: await shop(problem(503, 'unavailable')), policy });
      const startedAtMs = performance.now();
      expect(await client.place(ADA, 'key', BODY)).toMatchObject({ status: 201, attempts: 2 });
      expect(performance.now() - startedAtMs).toBeLessThan(900);
      expect(await client.place(ADA, 'other', BODY)).toMatchObject({ status: 201, attempts: 1 });
      expect(seen.map(({ door }) => door)).toEqual([0, 1, 1]);
    });
  });

  describe('when the answer is final', () => {
    it.each([
      [409, 'stock-exhausted'],
      [422, 'idempotency-key-reused'],
      [404, 'unknown-sku'],
      [401, 'unauthenticated'],
    ])('does not repeat %s %s', async (status, code) => {
      await using client = new ReferenceClient({ doors: await shop(problem(status, code)), policy: POLICY });
      expect(await client.place(ADA, 'key', BODY)).toMatchObject({ status, code, isSettled: true, attempts: 1 });
    });
  });

  describe('when nobody answers', () => {
    it('gives up when its patience is over, and not before', async () => {
      await using client = new ReferenceClient({
        doors: ['http://127.0.0.1:1'],
        policy: { ...POLICY, patienceMs: 400 },
      });
      const startedAtMs = performance.now();
      expect(await client.place(ADA, 'key', BODY)).toMatchObject({ status: 0, isSettled: false });
      expect(performance.now() - startedAtMs).toBeGreaterThan(350);
      expect(performance.now() - startedAtMs).toBeLessThan(1_500);
    });
  });

  describe('when the client itself was killed while it wrote', () => {
    it('leaves a journal that can be read but for the torn line, and no other damage is forgiven', async () => {
      const path = join(folder, 'journal');
      const journal = await Journal.open(path);
      await journal.write({ kind: 'mark', atMs: 1, name: 'started' });
      await journal.close();
      appendFileSync(path, '{"kind":"answer","n":');
      expect(await lines()).toHaveLength(1);
      appendFileSync(path, '\n{"kind":"mark","atMs":2,"name":"ended"}\n');
      await expect(lines()).rejects.toThrow(BrokenJournalError);
    });
  });
});
