import { mustCompose } from './compose.js';
import { type Container, containersOf } from './containers.js';
import { docker } from './docker.js';
import { step } from './progress.js';
import type { Topology } from './topology.js';

const STOP_PATIENCE_MS = 3 * 60_000;
const CURE = 'run the same command again; `docker ps` shows what is left';

/**
 * Stops a topology and removes its containers and networks; volumes stay.
 * @returns false when there was nothing
 * @throws AppError
 */
export async function stopTopology(topology: Topology): Promise<boolean> {
  const containers = await containersOf(topology);
  if (containers.length === 0) return false;
  await disarm(topology, containers);
  await thaw(containers);
  await step(`Stopping ${containers.length} containers`, () => down(topology, []));
  return true;
}

/** As {@link stopTopology}, volumes too. Nothing of other projects is touched. */
export async function removeTopology(topology: Topology): Promise<void> {
  const filter = `label=com.docker.compose.project=${topology.project}`;
  const { code, stdout } = await docker(['volume', 'ls', '--quiet', '--filter', filter]);
  const containers = await containersOf(topology);
  if (code !== 0 || (stdout.trim() === '' && containers.length === 0)) return;
  await disarm(topology, containers);
  await thaw(containers);
  // Nothing of what they would write is kept: no need to wait for an orderly end.
  await kill(containers);
  await step(`Removing ${topology.project}`, () => down(topology, ['--volumes']));
}

/** Restart gates go first: they would start again what is being stopped. */
async function disarm({ members }: Topology, containers: readonly Container[]): Promise<void> {
  const gates = new Set(members.filter(({ group }) => group === 'gate').map(({ name }) => name));
  await kill(containers.filter(({ service }) => gates.has(service)));
}

async function kill(containers: readonly Container[]): Promise<void> {
  const alive = containers.filter(({ state }) => state === 'running' || state === 'paused').map(({ name }) => name);
  // One that has ended meanwhile is no failure; the engine goes on with the others.
  if (alive.length > 0) await docker(['kill', ...alive], { timeoutMs: STOP_PATIENCE_MS });
}

/** A frozen container cannot be stopped. */
async function thaw(containers: readonly Container[]): Promise<void> {
  const frozen = containers.filter(({ state }) => state === 'paused').map(({ name }) => name);
  if (frozen.length > 0) await docker(['unpause', ...frozen]);
}

function down(topology: Topology, more: readonly string[]): Promise<void> {
  const args = ['--profile', 'drill', 'down', '--remove-orphans', ...more];
  return mustCompose(topology, args, CURE, { timeoutMs: STOP_PATIENCE_MS });
}
