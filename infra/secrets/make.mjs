#!/usr/bin/env node
// Makes the secrets of one instance, each once: what is there is never changed. Plain Node, no dependencies.
//   node infra/secrets/make.mjs [folder]     default: the folder of TWOFOLD_INSTANCE under .twofold
// The folder can be entered by its owner alone. The files are readable by all, because each container has a user of its
// own and sees only those files that it is given.
import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
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
const PASSWORD_BYTES = 24;
const FOR_CONTAINERS = 0o444;
const FOR_OWNER = 0o600;

const folder = process.argv[2] ?? join(import.meta.dirname, '../..', instanceFolder(), 'secrets');
mkdirSync(folder, { recursive: true, mode: 0o700 });
chmodSync(folder, 0o700);
const made = PASSWORDS.filter((name) => putPassword(name));
if (!existsSync(join(folder, SIGNING_KEY)) || !existsSync(join(folder, KEY_SET))) made.push(...makeSigningKey());
for (const name of [...PASSWORDS, KEY_SET]) chmodSync(join(folder, name), FOR_CONTAINERS);
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
