import type { Room } from '../next-step.js';
import type { Provider } from './provider.js';

/** The providers, the preferred one first, and how many calls each takes. */
export class Providers {
  private readonly running = new Map<string, number>();

  constructor(
    readonly all: readonly Provider[],
    private readonly bulkheadSize: number,
  ) {}

  /** @throws Error for a provider that is no longer configured although payments are still with it */
  byName(name: string): Provider {
    const found = this.all.find((provider) => provider.name === name);
    if (found) return found;
    throw new Error(
      `Provider ${name} is not configured, but payments are with it. Add it to PROVIDERS_ENDPOINTS again.`,
    );
  }

  isKnown(name: string): boolean {
    return this.all.some((provider) => provider.name === name);
  }

  /** Room at each provider, less the calls that were begun but have not reached the bulkhead yet. */
  rooms(): Room[] {
    return this.all.map((provider) => {
      const running = this.running.get(provider.name) ?? 0;
      const free = provider.circuit === 'closed' ? this.bulkheadSize - running : running === 0 ? provider.capacity : 0;
      return { provider: provider.name, room: Math.max(0, free), isTrial: provider.circuit !== 'closed' };
    });
  }

  /** Counts a call as running until the returned promise ends. */
  async occupying<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.running.set(name, (this.running.get(name) ?? 0) + 1);
    try {
      return await work();
    } finally {
      this.running.set(name, (this.running.get(name) ?? 1) - 1);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.all.map((provider) => provider.close()));
  }
}
