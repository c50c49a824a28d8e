import { readFileSync, statSync } from 'node:fs';
import { z } from 'zod';
import type { Observation } from '../observation.js';

/** What the engine knows about a process, where there is one that can be asked. */
export type EngineView = (name: string) => Pick<Observation, 'life' | 'inHand'> | undefined;

const launcherState = z.object({
  services: z.array(z.object({ name: z.string(), phase: z.string(), restarts: z.int(), pid: z.int().optional() })),
});
type Service = z.infer<typeof launcherState>['services'][number];

/** What the launcher writes down about its children: the engine's view in lite. Read again when it changed. */
export class LauncherView {
  private services = new Map<string, Service>();
  private changedMs = 0;

  constructor(private readonly path: string) {}

  readonly of: EngineView = (name) => {
    const service = this.service(name);
    if (!service) return undefined;
    return { life: String(service.restarts), inHand: service.phase === 'waiting' || service.phase === 'starting' };
  };

  /** Process id of its present life. */
  pidOf(name: string): number | undefined {
    return this.service(name)?.pid;
  }

  private service(name: string): Service | undefined {
    try {
      const { mtimeMs } = statSync(this.path);
      if (mtimeMs !== this.changedMs) {
        const { services } = launcherState.parse(JSON.parse(readFileSync(this.path, 'utf8')));
        this.services = new Map(services.map((one) => [one.name, one]));
        this.changedMs = mtimeMs;
      }
    } catch {
      // Between two launchers there is none; what was known before is better than nothing.
    }
    return this.services.get(name);
  }
}
