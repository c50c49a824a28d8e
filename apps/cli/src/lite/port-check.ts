import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Mode } from '#libs/contracts';
import { AppError } from '#libs/errors';
import { commandOf } from './process-table.js';

const HOST = '127.0.0.1';
const MAX_SHOWN_COMMAND = 80;

/** A port that somebody else listens on. */
export type TakenPort = {
  readonly name: string;
  readonly port: number;
  readonly pid?: number;
  readonly command?: string;
};

/**
 * Checks that every port is free.
 * @throws AppError `port-in-use` naming each taken port, the process that has it when that can be seen, and the cure
 */
export async function requireFreePorts(
  ports: ReadonlyMap<string, number>,
  nextInstance: number,
  mode: Mode = 'lite',
): Promise<void> {
  const taken: TakenPort[] = [];
  for (const [name, port] of ports) if (!(await isFree(port))) taken.push({ name, port, ...ownerOf(port) });
  if (taken.length > 0) throw portsInUse(taken, nextInstance, mode);
}

/** What a person reads when ports are taken. */
export function portsInUse(taken: readonly TakenPort[], nextInstance: number, mode: Mode = 'lite'): AppError {
  const lines = taken.map(({ name, port, pid, command }) => {
    const owner = pid === undefined ? 'another process' : `process ${pid} (${shorten(command ?? 'unknown command')})`;
    return `  - port ${port}, which ${name} needs, is in use by ${owner}`;
  });
  const count = taken.length === 1 ? 'A port is' : `${taken.length} ports are`;
  return new AppError({
    code: 'port-in-use',
    kind: 'conflict',
    message: `${count} in use:\n${lines.join('\n')}\nStop that process, or start beside it on other ports: TWOFOLD_INSTANCE=${nextInstance} ./twofold up${mode === 'lite' ? '' : ` --mode ${mode}`}`,
    details: { ports: taken.map(({ port }) => port) },
  });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: HOST, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** The process that listens on `port`, when this user may see it. */
export function ownerOf(port: number): { pid?: number; command?: string } {
  const pid = existsSync('/proc/net/tcp') ? ownerByProc(port) : ownerByLsof(port);
  const command = pid === undefined ? undefined : commandOf(pid);
  return { ...(pid === undefined ? {} : { pid }), ...(command === undefined ? {} : { command }) };
}

function ownerByProc(port: number): number | undefined {
  const inodes = new Set(['/proc/net/tcp', '/proc/net/tcp6'].flatMap((table) => listeningInodes(table, port)));
  if (inodes.size === 0) return undefined;
  const links = new Set([...inodes].map((inode) => `socket:[${inode}]`));
  return pids().find((pid) => openFiles(pid).some((file) => links.has(file)));
}

/** Lines are: slot, local address:port (hex), remote, state (0A is LISTEN), queues, timer, retransmits, uid, time-out, inode. */
function listeningInodes(table: string, port: number): string[] {
  if (!existsSync(table)) return [];
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync(table, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[1]?.endsWith(suffix) && fields[3] === '0A')
    .map((fields) => fields[9] ?? '');
}

function pids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function openFiles(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((descriptor) => linkOf(`/proc/${pid}/fd/${descriptor}`));
  } catch {
    return []; // gone meanwhile, or another user's
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return '';
  }
}

function ownerByLsof(port: number): number | undefined {
  const { stdout } = spawnSync('lsof', ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'], { encoding: 'utf8' });
  const pid = Number(stdout?.split('\n')[0]);
  return pid > 0 ? pid : undefined;
}

const shorten = (text: string): string =>
  text.length > MAX_SHOWN_COMMAND ? `${text.slice(0, MAX_SHOWN_COMMAND)}…` : text;
