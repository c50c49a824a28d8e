import { randomBytes } from 'node:crypto';
import { relative } from 'node:path';
import { signToken } from '#libs/security';
import type { Instance } from './instance.js';
import { readSecret } from './secrets.js';
import { frontDoors, providers } from './service-plan.js';

const LOOK_TIMEOUT_MS = 2_000;

/** What a person needs first: addresses, and a line to paste that places an order. */
export async function welcome(instance: Instance, tookMs: number, confirmedMs: number): Promise<string> {
  const folder = relative(process.cwd(), instance.folder) || '.';
  const [frontDoor = ''] = frontDoors(instance);
  return `
Twofold is up after ${(tookMs / 1000).toFixed(1)} s: an order was placed, paid and confirmed in ${confirmedMs} ms.

  front doors   ${frontDoors(instance).join('   ')}   (the same shop twice; /docs describes it)
  providers     ${providers(instance)
    .map(({ name, url }) => `${name} ${url}`)
    .join('   ')}
  data, logs    ${folder}/   ${folder}/logs/

Place an order of your own, in another terminal:

${await curlLine(instance, frontDoor)}

Then: ./twofold status · ./twofold token --customer <id> · kill -9 a process of it and order again · README.md
`;
}

/** One line that works by copy and paste, as often as one likes: a repeat answers the same order again. */
export async function curlLine(instance: Instance, frontDoor: string): Promise<string> {
  const token = await signToken(readSecret(instance, 'token-key.json'), { subject: 'ada' });
  const body = { items: [{ sku: await someSku(frontDoor), quantity: 1 }], paymentToken: 'tok_ok' };
  return [
    `curl -i ${frontDoor}/orders`,
    `-H 'Idempotency-Key: order-${randomBytes(4).toString('hex')}'`,
    "-H 'Content-Type: application/json'",
    `-d '${JSON.stringify(body)}'`,
    `-H 'Authorization: Bearer ${token}'`,
  ].join(' ');
}

async function someSku(frontDoor: string): Promise<string> {
  const response = await fetch(`${frontDoor}/products?limit=1`, { signal: AbortSignal.timeout(LOOK_TIMEOUT_MS) });
  const { items } = (await response.json()) as { items: { sku: string }[] };
  return items[0]?.sku ?? 'synthetic';
}
