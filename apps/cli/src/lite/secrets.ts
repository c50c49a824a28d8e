import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '#libs/errors';
import { createKeyPair, signToken } from '#libs/security';
import type { Instance } from './instance.js';

/** Random secrets of an instance, each a file of its own. */
const RANDOM = [
  'database-superuser',
  'database-owner',
  'database-orders',
  'database-payments',
  'database-monitor',
  'database-checker',
  'webhook-secret',
] as const;
const SECRET_BYTES = 24;
/** Made anew at each start. */
const SYNTHETIC_TOKEN_SECONDS = 365 * 86_400;
const KEY_ID = 'twofold-lite';

/** A secret file: a random one, the private key that signs tokens, or the public keys that verify them. */
export type SecretName = (typeof RANDOM)[number] | 'token-key.json' | 'jwks.json' | 'synthetic-token';

export const secretPath = (instance: Instance, name: SecretName): string => join(instance.folder, 'secrets', name);

/** Creates what is missing, readable by this user only. Secrets that exist stay as they are: data depends on them. */
export async function ensureSecrets(instance: Instance): Promise<void> {
  mkdirSync(instance.folder, { recursive: true });
  mkdirSync(join(instance.folder, 'secrets'), { recursive: true, mode: 0o700 });
  for (const name of RANDOM)
    if (!existsSync(secretPath(instance, name))) write(instance, name, randomBytes(SECRET_BYTES).toString('base64url'));
  await ensureKeys(instance);
  // The monitor orders as a customer of its own; it gets a token, not the key that signs tokens for everybody.
  const request = { subject: 'synthetic', expiresInSeconds: SYNTHETIC_TOKEN_SECONDS };
  write(instance, 'synthetic-token', await signToken(readSecret(instance, 'token-key.json'), request));
}

async function ensureKeys(instance: Instance): Promise<void> {
  if (existsSync(secretPath(instance, 'token-key.json')) && existsSync(secretPath(instance, 'jwks.json'))) return;
  const { privateJwk, publicJwks } = await createKeyPair(KEY_ID);
  write(instance, 'token-key.json', privateJwk);
  write(instance, 'jwks.json', publicJwks);
}

/** @throws AppError `not-running` when the instance was never started */
export function readSecret(instance: Instance, name: SecretName): string {
  const path = secretPath(instance, name);
  if (existsSync(path)) return readFileSync(path, 'utf8').trim();
  throw new AppError({
    code: 'not-running',
    kind: 'not-found',
    message: `There is no ${path}: this instance was never started. Start it with ./twofold up.`,
  });
}

/** Whole or not at all: a launcher that dies here must not leave half a key. */
function write(instance: Instance, name: SecretName, content: string): void {
  const path = secretPath(instance, name);
  writeFileSync(`${path}.new`, content, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
