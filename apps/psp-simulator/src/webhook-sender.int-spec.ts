import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PSP_SIGNATURE_HEADER, type PspWebhook, paymentIdOf, uuidv7 } from '#libs/contracts';
import { hmacVerify } from '#libs/security';
import { eventually } from '../../../test/support/eventually.js';
import { Ledger } from './ledger.js';
import { openLedgerFile } from './ledger-schema.js';
import { WebhookQueue } from './webhook-queue.js';
import { WebhookSender } from './webhook-sender.js';

const SECRET = 'a secret of sixteen and more';

describe(WebhookSender.name, () => {
  let folder: string;
  let shops: Server[];
  let urls: string[];
  let received: { shop: number; webhook: PspWebhook }[];
  let answers: number[];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'twofold-psp-'));
    received = [];
    answers = [];
    shops = [0, 1].map((shop) =>
      createServer((request, response) => {
        const chunks: Buffer[] = [];
        request.on('data', (chunk: Buffer) => chunks.push(chunk));
        request.on('end', () => {
          const body = Buffer.concat(chunks);
          hmacVerify(SECRET, body, String(request.headers[PSP_SIGNATURE_HEADER]));
          received.push({ shop, webhook: JSON.parse(body.toString()) as PspWebhook });
          response.writeHead(answers.shift() ?? 204).end();
        });
      }).listen(0, '127.0.0.1'),
    );
    await Promise.all(shops.map((shop) => once(shop, 'listening')));
    urls = shops.map((shop) => `http://127.0.0.1:${(shop.address() as AddressInfo).port}/webhooks`);
  });

  afterEach(() => {
    for (const shop of shops) shop.close().closeAllConnections();
    rmSync(folder, { recursive: true });
  });

  async function start(): Promise<{ charge: (token: string) => Promise<string>; stop: () => Promise<void> }> {
    const file = openLedgerFile(join(folder, 'ledger.sqlite'));
    const ledger = new Ledger(file);
    const target = { provider: 'psp-acme', urls, secret: SECRET, delayMs: 0, timeoutMs: 1_000 };
    const sender = new WebhookSender(new WebhookQueue(file), target);
    sender.wake();
    const charge = async (paymentToken: string): Promise<string> => {
      const reference = paymentIdOf(uuidv7());
      const body = { reference, amountMinor: 1, currency: 'KRW', paymentToken };
      await ledger.charge(reference, body, { count: 1, delayMs: 0 });
      sender.wake();
      return reference;
    };
    const stop = async (): Promise<void> => {
      await sender.stop();
      ledger.close();
    };
    return { charge, stop };
  }

  const references = (): string[] => received.map(({ webhook }) => webhook.result.reference);

  describe('when the shop answers', () => {
    it('tells each result once, signed, to its addresses in turn', async () => {
      const psp = await start();
      const charged = [await psp.charge('tok_ok'), await psp.charge('tok_declined')];
      await eventually(() => expect(references().sort()).toEqual(charged.sort()), { timeoutMs: 5_000 });
      expect(received.map(({ shop }) => shop).sort((a, b) => a - b)).toEqual([0, 1]);
      await psp.stop();
    });

    it('tells a result twice under one id for the token that asks for it', async () => {
      const psp = await start();
      await psp.charge('tok_duplicate_webhook');
      await eventually(() => expect(received).toHaveLength(2), { timeoutMs: 5_000 });
      expect(new Set(received.map(({ webhook }) => webhook.webhookId)).size).toBe(1);
      await psp.stop();
    });
  });

  describe('when the shop fails and the simulator restarts', () => {
    it('tells it again until it is accepted', async () => {
      answers = [503];
      const first = await start();
      const reference = await first.charge('tok_ok');
      await eventually(() => expect(received).toHaveLength(1), { timeoutMs: 5_000 });
      await first.stop();
      const second = await start();
      await eventually(() => expect(references()).toEqual([reference, reference]), { timeoutMs: 5_000 });
      await second.stop();
    });
  });
});
