import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Instance } from './instance.js';

/** A log that is longer when its process starts is put aside as `<name>.log.1`. */
const MAX_LOG_BYTES = 20 * 1024 * 1024;
/** How much of a log's end is looked at for the reason of a failure. */
const TAIL_BYTES = 16 * 1024;

export const logPath = (instance: Instance, name: string): string => join(instance.folder, 'logs', `${name}.log`);

/** Opens a log for appending; the caller closes the descriptor. */
export function openLog(instance: Instance, name: string): number {
  const path = logPath(instance, name);
  mkdirSync(join(instance.folder, 'logs'), { recursive: true });
  if (existsSync(path) && statSync(path).size > MAX_LOG_BYTES) renameSync(path, `${path}.1`);
  return openSync(path, 'a');
}

/** The last lines of a log, with the message and error of JSON lines in words. */
export function lastWords(instance: Instance, name: string, count = 5): string {
  const lines = tail(logPath(instance, name)).trim().split('\n').slice(-count);
  return lines.map((line) => `    ${inWords(line)}`).join('\n');
}

function tail(path: string): string {
  if (!existsSync(path)) return '';
  const { size } = statSync(path);
  const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
  const file = openSync(path, 'r');
  readSync(file, bytes, 0, bytes.length, size - bytes.length);
  closeSync(file);
  return bytes.toString('utf8');
}

function inWords(line: string): string {
  try {
    const { msg, err } = JSON.parse(line) as { msg?: string; err?: { message?: string } };
    return [msg, err?.message].filter((part) => part !== undefined).join(': ') || line;
  } catch {
    return line;
  }
}
