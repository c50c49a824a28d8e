#!/usr/bin/env node
// Makes the secrets of one instance, each once: what is there is never changed. Plain Node, no dependencies.
//   node infra/secrets/make.mjs [folder]     default: the folder of TWOFOLD_INSTANCE under .twofold
// The folder can be entered by its owner alone. The files are readable by all, because each container has a user of its
// own and sees only those files that it is given.
import { createPrivateKey, generateKeyPairSync, randomBytes, randomUUID, sign } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const PASSWORDS = [
  ...['superuser', 'replication', 'patroni', 'owner', 'orders', 'payments', 'monitor', 'checker'].map(
    (role) => `database-${role}`,
  ),
  ...['admin', 'replica', 'sentinel', 'orders', 'payments', 'monitor'].map((user) => `redis-${user}`),
  'webhook-secret',
];
/** Private key that signs access tokens; only the command line reads it, no container. */
const SIGNING_KEY = 'token-key.json';
/** Public half, which the services check tokens with. */
const KEY_SET = 'jwks.json';
/** Token of the customer `synthetic`, with which the monitors place test orders; made anew each time. */
const SYNTHETIC_TOKEN = 'synthetic-token';
const SYNTHETIC_TOKEN_SECONDS = 365 * 86_400;
const PASSWORD_BYTES = 24;
const FOR_CONTAINERS = 0o444;
const FOR_OWNER = 0o600;

const folder = process.argv[2] ?? join(import.meta.dirname, '../..', instanceFolder(), 'secrets');
mkdirSync(folder, { recursive: true, mode: 0o700 });
chmodSync(folder, 0o700);
const made = PASSWORDS.filter((name) => putPassword(name));
if (!existsSync(join(folder, SIGNING_KEY)) || !existsSync(join(folder, KEY_SET))) made.push(...makeSigningKey());
write(SYNTHETIC_TOKEN, signSyntheticToken());
for (const name of [...PASSWORDS, KEY_SET, SYNTHETIC_TOKEN]) chmodSync(join(folder, name), FOR_CONTAINERS);
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
  write(SIGNING_KEY, JSON.stringify(privateKey));
  write(KEY_SET, JSON.stringify({ keys: [publicKey] }));
  return [SIGNING_KEY, KEY_SET];
}

function signSyntheticToken() {
  const jwk = JSON.parse(readFileSync(join(folder, SIGNING_KEY), 'utf8'));
  const iat = Math.floor(Date.now() / 1000);
  const claims = { sub: 'synthetic', iss: 'twofold', aud: 'twofold', iat, exp: iat + SYNTHETIC_TOKEN_SECONDS };
  const parts = [{ alg: 'ES256', typ: 'JWT', kid: jwk.kid }, claims].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  const key = createPrivateKey({ key: jwk, format: 'jwk' });
  const signature = sign('sha256', parts.join('.'), { key, dsaEncoding: 'ieee-p1363' });
  return `${parts.join('.')}.${signature.toString('base64url')}`;
}

function putPassword(name) {
  if (existsSync(join(folder, name))) return false;
  write(name, randomBytes(PASSWORD_BYTES).toString('base64url'));
  return true;
}

/** Through a second name, so that a run that dies leaves no half-written secret behind. */
function write(name, text) {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, text, { mode: FOR_OWNER });
  renameSync(`${path}.new`, path);
}
