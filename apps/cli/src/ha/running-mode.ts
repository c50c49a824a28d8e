import type { Mode } from '#libs/contracts';
import type { Instance } from '../lite/instance.js';
import { runningState } from '../lite/state-file.js';
import { containersOf } from './containers.js';
import { topologyOf } from './topology.js';

/** Which topology of this instance runs, or has containers left; undefined when none does. */
export async function runningMode(instance: Instance): Promise<Mode | undefined> {
  if (runningState(instance) !== undefined) return 'lite';
  const [ha, spof] = await Promise.all(
    (['ha', 'spof'] as const).map((mode) => containersOf(topologyOf(instance, mode))),
  );
  const lives = (containers: typeof ha) => containers?.some(({ state }) => state === 'running' || state === 'paused');
  if (lives(spof)) return 'spof';
  if (lives(ha)) return 'ha';
  if (ha && ha.length > 0) return 'ha';
  return spof && spof.length > 0 ? 'spof' : undefined;
}
