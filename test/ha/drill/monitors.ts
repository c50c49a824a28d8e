import { z } from 'zod';
import { type MonitorState, monitorState } from '#libs/contracts';
import { dashboardsOf } from '../../../apps/cli/src/ha/topology.js';
import { type Incident, incidentsOf } from '../../../apps/health-monitor/src/incident.js';
import { type KeptDecision, keptDecision, MAX_DECISIONS_KEPT } from '../../../apps/health-monitor/src/kept-decision.js';
import type { ContainerSystem } from './system.js';

const ANSWER_LIMIT_MS = 2_000;
const decisionPage = z.object({ items: z.array(keptDecision) });

/** What the monitors think and have done, by whichever of them answers. */
export class Monitors {
  constructor(private readonly system: ContainerSystem) {}

  get names(): string[] {
    return this.system.members({ group: 'monitor' });
  }

  /** Name of the one that acts. */
  async acting(): Promise<string> {
    const { leader } = await this.state();
    if (leader === undefined) throw new Error('No monitor acts.');
    return leader;
  }

  async state(): Promise<MonitorState> {
    return monitorState.parse(await this.ask('/api/state'));
  }

  /** Decisions since a moment of this machine's clock, oldest first. */
  async decisions(sinceMs: number): Promise<KeptDecision[]> {
    const { items } = decisionPage.parse(await this.ask(`/api/decisions?limit=${MAX_DECISIONS_KEPT}`));
    return items.filter(({ at }) => Date.parse(at) >= sinceMs).reverse();
  }

  /** The first incident of a target that was noticed since then. */
  async incident(target: string, sinceMs: number): Promise<Incident | undefined> {
    return incidentsOf(await this.decisions(sinceMs)).findLast((incident) => incident.target === target);
  }

  /** A monitor that follows asks the one that leads. */
  private ask(path: string): Promise<unknown> {
    const answers = dashboardsOf(this.system.topology).map(async (url): Promise<unknown> => {
      const response = await fetch(url + path, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
      return response.json();
    });
    return Promise.any(answers);
  }
}
