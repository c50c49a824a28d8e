import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { serviceGroup } from '#libs/contracts';
import type { Instance } from './instance.js';
import { commandOf, isAlive, signal } from './process-table.js';

/** Part of the command line of every launcher: tells a live one from a process that got its id later. */
const LAUNCHER_MARK = /apps\/cli\/src\/main\.js\b/;

const POLL_MS = 20;
/** A killed process is gone long before this. */
const MAX_WAIT_MS = 3_000;

const recordedService = z.object({
  name: z.string(),
  group: serviceGroup,
  site: z.string(),
  url: z.url().optional(),
  managementUrl: z.url().optional(),
  pid: z.int().min(1).optional(),
  phase: z.enum(['waiting', 'starting', 'up', 'held', 'stopping', 'stopped']),
  restarts: z.int().min(0),
});
/** What the launcher records about one of its children. */
export type RecordedService = z.infer<typeof recordedService>;

const launcherState = z.object({
  mode: z.literal('lite'),
  instance: z.int(),
  launcherPid: z.int().min(1),
  startedAt: z.iso.datetime(),
  /** Whether an order has been placed and confirmed since the start. */
  ready: z.boolean(),
  services: z.array(recordedService),
});
/** What a launcher writes for `status` and `down`, and for the next launcher if it dies. */
export type LauncherState = z.infer<typeof launcherState>;

const pathOf = (instance: Instance): string => join(instance.folder, 'state.json');

/** Replaces the file in one step: a reader sees the former state or the new one. */
export function writeState(instance: Instance, state: LauncherState): void {
  const path = pathOf(instance);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, `${JSON.stringify(state, undefined, 2)}\n`);
  renameSync(`${path}.new`, path);
}

/** The recorded state, or undefined when there is none or it cannot be read. */
export function readState(instance: Instance): LauncherState | undefined {
  try {
    return launcherState.parse(JSON.parse(readFileSync(pathOf(instance), 'utf8')));
  } catch {
    return undefined;
  }
}

export function removeState(instance: Instance): void {
  rmSync(pathOf(instance), { force: true });
}

/** The state of a launcher that lives, or undefined. */
export function runningState(instance: Instance): LauncherState | undefined {
  const state = readState(instance);
  if (state === undefined || !isAlive(state.launcherPid)) return undefined;
  return LAUNCHER_MARK.test(commandOf(state.launcherPid) ?? '') ? state : undefined;
}

/**
 * Ends what a launcher that died left behind. Its children notice its death by themselves; only one that is frozen or
 * busy can be alive still. Postgres is left to the server that opens its data folder next.
 */
export async function clearStaleState(instance: Instance): Promise<void> {
  const services = readState(instance)?.services.filter(({ group }) => group !== 'postgres') ?? [];
  const left = services.flatMap(({ pid }) => (pid !== undefined && isOurs(instance, pid) ? [pid] : []));
  for (const pid of left) signal(pid, 'SIGKILL');
  for (let waitedMs = 0; left.some(isAlive) && waitedMs < MAX_WAIT_MS; waitedMs += POLL_MS) await pause(POLL_MS);
  removeState(instance);
}

function isOurs(instance: Instance, pid: number): boolean {
  return isAlive(pid) && commandOf(pid)?.includes(join(instance.root, 'dist/apps')) === true;
}
