#!/usr/bin/env node
// Makes the secrets of one instance, each once: what is there is never changed. Plain Node, no dependencies.
//   node infra/secrets/make.mjs [folder]     default: the folder of TWOFOLD_INSTANCE under .twofold
// The folder can be entered by its owner alone. The files are readable by all, because each container has a user of its
// own and sees only those files that it is given.
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PASSWORDS = [
  'pg_superuser',
  'pg_replication',
  'pg_patroni',
  'pg_owner',
  'pg_orders',
  'pg_payments',
  'pg_monitor',
  'pg_checker',
  'redis_admin',
  'redis_replica',
  'redis_sentinel',
  'redis_orders',
  'redis_payments',
  'redis_monitor',
  'webhook_secret',
];
/** Private key that signs access tokens; only the command line has it. */
const SIGNING_KEY = 'token_signing_key.json';
/** Public half, which the services check tokens with. */
const KEY_SET = 'token_jwks.json';

const folder = process.argv[2] ?? join(import.meta.dirname, '../..', instanceFolder(), 'secrets');
mkdirSync(folder, { recursive: true, mode: 0o700 });
chmodSync(folder, 0o700);
const made = PASSWORDS.filter((name) => put(name, () => randomBytes(24).toString('base64url')));
if (!existsSync(join(folder, SIGNING_KEY)) || !existsSync(join(folder, KEY_SET))) made.push(...makeSigningKey());
process.stderr.write(`  Secrets in ${folder}: ${made.length === 0 ? 'all there' : `${made.length} made`}\n`);

function instanceFolder() {
  const instance = Number(process.env.TWOFOLD_INSTANCE ?? 0);
  return instance > 0 ? `.twofold/instance-${instance}` : '.twofold';
}

function makeSigningKey() {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const header = { kid: randomUUID(), alg: 'ES256', use: 'sig' };
  const publicKey = { ...pair.publicKey.export({ format: 'jwk' }), ...header };
  const privateKey = { ...pair.privateKey.export({ format: 'jwk' }), ...header };
  write(SIGNING_KEY, JSON.stringify(privateKey), 0o600);
  write(KEY_SET, JSON.stringify({ keys: [publicKey] }), 0o444);
  return [SIGNING_KEY, KEY_SET];
}

function put(name, make) {
  if (existsSync(join(folder, name))) return false;
  write(name, make(), 0o444);
  return true;
}

/** Through a second name, so that a run that dies leaves no half-written secret behind. */
function write(name, text, mode) {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, text, { mode });
  chmodSync(`${path}.new`, mode);
  renameSync(`${path}.new`, path);
}
