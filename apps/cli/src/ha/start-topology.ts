import { join } from 'node:path';
import { AppError } from '#libs/errors';
import { signToken } from '#libs/security';
import { confirmFirstOrder } from '../lite/first-order.js';
import { requireFreePorts } from '../lite/port-check.js';
import { readSecret } from '../lite/secrets.js';
import { mustCompose, startFailed } from './compose.js';
import { containersOf, isRunning } from './containers.js';
import { runProgram } from './docker.js';
import { step } from './progress.js';
import { runningMode } from './running-mode.js';
import { frontDoorsOf, type Topology } from './topology.js';

const ENGINE_PATIENCE_MS = 15 * 60_000;
const BUILD_PATIENCE_MS = 20 * 60_000;
const UP_PATIENCE_MS = 6 * 60_000;
const FIRST_ORDER_PATIENCE_MS = 5 * 60_000;
const TOKEN_SECONDS = 3_600;

/**
 * Makes a topology run on this machine, whatever of it is there already, and waits for a real order through each front
 * door.
 * @returns how long that order took to CONFIRMED, in ms
 * @throws AppError `start-failed`, `already-running`, `port-in-use`: each says what to do; a repeat goes on
 */
export async function startTopology(topology: Topology): Promise<number> {
  await refuseOtherMode(topology);
  await runScript(topology, 'infra/engine/install.mjs', 'the lines above say what to do');
  await runScript(topology, 'infra/secrets/make.mjs', 'make the folder of the instance writable', [
    join(topology.instance.folder, 'secrets'),
  ]);
  if (!(await isRunning(topology))) {
    const next = topology.instance.number < 9 ? topology.instance.number + 1 : 1;
    await requireFreePorts(topology.ports, next, topology.mode);
  }
  await step('Building the images (minutes the first time, seconds afterwards)', () => build(topology));
  await step(`Starting ${topology.members.length} containers, migrations first`, () => up(topology));
  return await step('A first order through each front door, placed, paid and confirmed', () => confirm(topology));
}

async function refuseOtherMode({ instance, mode }: Topology): Promise<void> {
  const other = await runningMode(instance);
  if (other === undefined || other === mode) return;
  const message = `This instance runs as ${other}. Stop that first (npm stop), or start beside it: TWOFOLD_INSTANCE=${
    (instance.number + 1) % 10
  }.`;
  throw new AppError({ code: 'already-running', kind: 'conflict', message });
}

/** Plain Node without our dependencies: it says by itself what it does. */
async function runScript({ instance }: Topology, script: string, cure: string, args: string[] = []): Promise<void> {
  const options = { folder: instance.root, isShown: true, timeoutMs: ENGINE_PATIENCE_MS };
  const end = await runProgram(process.execPath, [join(instance.root, script), ...args], options);
  if (end.code !== 0) throw startFailed(`${script} ended with ${end.code}.`, cure);
}

async function build(topology: Topology): Promise<void> {
  const cure = 'read the lines above; when a download failed, run the same command again: what is built stays';
  await mustCompose(topology, ['build'], cure, { timeoutMs: BUILD_PATIENCE_MS });
}

async function up(topology: Topology): Promise<void> {
  // Containers of a former start may have been left frozen or half made.
  const left = await containersOf(topology);
  if (left.some(({ state }) => state === 'paused')) await mustCompose(topology, ['unpause'], 'run npm stop first');
  const cure = 'the lines above name the container; `npm run status` shows the others; the same command again goes on';
  await mustCompose(topology, ['up', '--detach', '--no-build', '--remove-orphans'], cure, {
    timeoutMs: UP_PATIENCE_MS,
  });
}

async function confirm(topology: Topology): Promise<number> {
  const key = readSecret(topology.instance, 'token-key.json');
  const token = await signToken(key, { subject: 'synthetic', expiresInSeconds: TOKEN_SECONDS });
  try {
    const doors = frontDoorsOf(topology);
    return Math.max(...(await Promise.all(doors.map((url) => confirmFirstOrder(url, token, FIRST_ORDER_PATIENCE_MS)))));
  } catch (error) {
    const dead = (await containersOf(topology)).filter(({ state, exitCode }) => state !== 'running' && exitCode !== 0);
    const names = dead.map(({ name, state }) => `${name} (${state})`).join(', ') || 'none is dead';
    throw startFailed(`${(error as Error).message}\nContainers: ${names}.`, 'look at `docker logs <container>`');
  }
}
