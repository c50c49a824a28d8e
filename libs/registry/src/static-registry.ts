import type { Instance } from './instance.js';
import { Registry } from './registry.js';

/** The list the launcher wrote. */
export class StaticRegistry extends Registry {
  constructor(
    site: string,
    private readonly all: readonly Instance[],
  ) {
    super(site);
  }

  instancesOf(service: string): readonly Instance[] {
    return this.all.filter((each) => each.service === service);
  }

  register(_self: Instance): AsyncDisposable {
    return { [Symbol.asyncDispose]: async () => undefined };
  }

  async close(): Promise<void> {}
}
