import { mustCompose } from './compose.js';
import { containersOf } from './containers.js';
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
  await thaw(containers);
  // Nothing of what they would write is kept: no need to wait for an orderly end.
  const ids = containers.filter(({ state }) => state === 'running' || state === 'paused').map(({ name }) => name);
  if (ids.length > 0) await docker(['kill', ...ids], { timeoutMs: STOP_PATIENCE_MS });
  await step(`Removing ${topology.project}`, () => down(topology, ['--volumes']));
}

/** A frozen container cannot be stopped. */
async function thaw(containers: Awaited<ReturnType<typeof containersOf>>): Promise<void> {
  const frozen = containers.filter(({ state }) => state === 'paused').map(({ name }) => name);
  if (frozen.length > 0) await docker(['unpause', ...frozen]);
}

function down(topology: Topology, more: readonly string[]): Promise<void> {
  const args = ['--profile', 'drill', 'down', '--remove-orphans', ...more];
  return mustCompose(topology, args, CURE, { timeoutMs: STOP_PATIENCE_MS });
}
