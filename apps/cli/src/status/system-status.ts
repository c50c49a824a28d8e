import type { SystemStatus } from '#libs/contracts';
import { runningMode } from '../ha/running-mode.js';
import { topologyOf } from '../ha/topology.js';
import type { Instance } from '../lite/instance.js';
import { haStatus } from './ha-status.js';
import { liteStatus } from './lite-status.js';

/** Status of whichever topology of the instance runs; of lite, all down, when none does. */
export async function systemStatus(instance: Instance): Promise<SystemStatus> {
  const mode = await runningMode(instance);
  const inContainers = mode === 'ha' || mode === 'spof';
  return inContainers ? haStatus(topologyOf(instance, mode)) : liteStatus(instance);
}
