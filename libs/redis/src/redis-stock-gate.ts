import { AppError } from '#libs/errors';
import { KEY_PREFIX } from './lua.js';
import type { RedisConnection } from './redis-connection.js';
import { GATE_TTL_MS, type GateLine, type GateVerdict, StockGate } from './stock-gate.js';

const keyOf = (sku: string): string => `${KEY_PREFIX}gate:${sku}`;
const VERDICTS = ['bypassed', 'admitted', 'refused'] as const;

/** Counters of hot SKUs that all processes have in common. */
export class RedisStockGate extends StockGate {
  constructor(
    private readonly redis: RedisConnection,
    private readonly failMode: 'fail-open' | 'fail-closed',
  ) {
    super();
  }

  override async admit(lines: readonly GateLine[]): Promise<GateVerdict> {
    try {
      const verdict = await this.redis.run('stock-gate', (client) =>
        client.admitLines(lines.length, ...flatten(lines)),
      );
      return VERDICTS[verdict];
    } catch (cause) {
      if (this.failMode === 'fail-open') return 'bypassed';
      throw closed(cause);
    }
  }

  override async giveBack(lines: readonly GateLine[]): Promise<void> {
    await this.bestEffort(() =>
      this.redis.run('stock-gate', (client) => client.returnLines(lines.length, ...flatten(lines))),
    );
  }

  override async correct(levels: ReadonlyMap<string, number>): Promise<void> {
    if (levels.size === 0) return;
    const keys = [...levels.keys()].map(keyOf);
    const counters = [...levels.values()];
    await this.bestEffort(() =>
      this.redis.run('stock-gate', (client) => client.setCounters(keys.length, ...keys, ...counters, GATE_TTL_MS)),
    );
  }

  /** What fails here is healed by the next correction. */
  private async bestEffort(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch {
      // Counted in `redis_failures_total`.
    }
  }
}

const flatten = (lines: readonly GateLine[]): (string | number)[] => [
  ...lines.map(({ sku }) => keyOf(sku)),
  ...lines.map(({ quantity }) => quantity),
];

const closed = (cause: unknown): AppError =>
  new AppError({
    code: 'stock-gate-unavailable',
    kind: 'unavailable',
    message: 'Stock cannot be looked up right now. Send the same request again.',
    cause,
  });
