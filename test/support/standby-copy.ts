import { appendFileSync, chmodSync, chownSync, cpSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Copies the data of a Postgres that is stopped, so that a server on the copy follows it, once both run. */
export function copyAsStandby(
  primary: string,
  copy: string,
  conninfo: Readonly<Record<string, string | number>>,
): void {
  const { uid, gid } = statSync(primary);
  cpSync(primary, copy, { recursive: true });
  const words = Object.entries(conninfo).map(([name, value]) => `${name}=${value}`);
  appendFileSync(join(copy, 'postgresql.auto.conf'), `\nprimary_conninfo = '${words.join(' ')}'\n`);
  writeFileSync(join(copy, 'standby.signal'), '');
  for (const path of [copy, ...readdirSync(copy, { recursive: true }).map((name) => join(copy, String(name)))])
    chownSync(path, uid, gid);
  chmodSync(copy, 0o700);
}
