import { spawn } from 'node:child_process';
import { watch } from 'node:fs';
import { join, sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Launcher } from './launcher.js';

/** An editor writes a file in several steps, and a person several files. */
const SETTLE_MS = 150;
const READY_PATIENCE_MS = 30_000;
const POLL_MS = 50;

/** Rebuilds after a change of sources, and restarts the processes it concerns, one after the other. */
export function watchSources(launcher: Launcher, say: (text: string) => void): void {
  const changed = new Set<string>();
  let working = false;
  const work = async () => {
    if (working) return;
    working = true;
    while (changed.size > 0) {
      await pause(SETTLE_MS);
      const parts = [...changed];
      changed.clear();
      await rebuild(launcher, parts, say);
    }
    working = false;
  };
  for (const kind of ['apps', 'libs'])
    watch(join(launcher.instance.root, kind), { recursive: true }, (_, file) => {
      const part = file === null ? undefined : changedPart(kind, file);
      if (part === undefined) return;
      changed.add(part);
      void work();
    });
  say('Watching apps/ and libs/.');
}

/** `libs`, or the app whose source changed; nothing for tests and other files. */
export function changedPart(kind: string, file: string): string | undefined {
  const [name, source] = file.split(sep);
  if (source !== 'src' || !file.endsWith('.ts') || file.endsWith('spec.ts')) return undefined;
  return kind === 'libs' ? 'libs' : name;
}

async function rebuild(launcher: Launcher, parts: string[], say: (text: string) => void): Promise<void> {
  const failure = await build(launcher.instance.root);
  if (failure !== undefined) return say(`The build failed:\n${failure}`);
  const plans = launcher.plans.filter(({ app }) => parts.includes('libs') || parts.includes(app));
  for (const { name } of plans) await restartAndWait(launcher, name);
  if (plans.length > 0) say(`Rebuilt; restarted ${plans.map(({ name }) => name).join(', ')}.`);
}

async function restartAndWait(launcher: Launcher, name: Parameters<Launcher['restart']>[0]): Promise<void> {
  const former = launcher.services.get(name)?.pid;
  const isReplaced = () => {
    const { phase, pid } = launcher.services.get(name) ?? {};
    return phase === 'up' && pid !== former;
  };
  launcher.restart(name);
  const deadline = Date.now() + READY_PATIENCE_MS;
  while (!isReplaced() && Date.now() < deadline) await pause(POLL_MS);
}

/** @returns what the compiler says when it fails */
function build(root: string): Promise<string | undefined> {
  const nest = join(root, 'node_modules/@nestjs/cli/bin/nest.js');
  const child = spawn(process.execPath, [nest, 'build', 'order'], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return new Promise((resolve) => child.once('close', (code) => resolve(code === 0 ? undefined : output)));
}
