import { AppError } from '#libs/errors';
import type { ProbeResult } from '#libs/health';
import type { NodeAddress } from './node-list.js';
import { NodePool, type PoolLimits } from './node-pool.js';
import type { Login } from './session.js';
import { unnamed } from './statement.js';

export type RoutedNode = { readonly address: NodeAddress; readonly pool: NodePool };

export type ReadWish = { readonly from?: 'replica' | 'primary'; readonly maxLagMs?: number };

/** Knows which node is what. */
export class Router {
  private readonly nodes: readonly RoutedNode[];

  constructor(addresses: readonly NodeAddress[], login: Login, limits: PoolLimits) {
    this.nodes = addresses.map((address) => ({ address, pool: new NodePool(address, login, limits) }));
  }

  primary(): RoutedNode | undefined {
    return this.nodes[0];
  }

  isPrimary(node: RoutedNode): boolean {
    return node === this.nodes[0];
  }

  /** Whether what `node` answered may be told on. */
  maySay(_node: RoutedNode): boolean {
    return true;
  }

  isCutOff(): boolean {
    return false;
  }

  reader(_wish: ReadWish, tried: ReadonlySet<string>): RoutedNode | undefined {
    return this.nodes.find((node) => !tried.has(node.address.name));
  }

  async health(): Promise<ProbeResult> {
    const session = await this.nodes[0]?.pool.acquire(1_500);
    if (!session) return { status: 'down' };
    await session.query(unnamed('SELECT 1'));
    this.nodes[0]?.pool.release(session);
    return { status: 'up' };
  }

  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.pool.close()));
  }
}

export const noPrimary = (): AppError =>
  new AppError({
    code: 'unavailable',
    kind: 'unavailable',
    message: 'No database node is the primary right now. Nothing was done; send the same request again.',
    retryAfterMs: 1_000,
  });

export const noReader = (cause?: unknown): AppError =>
  new AppError({
    code: 'unavailable',
    kind: 'unavailable',
    message: 'No database node can serve this read right now. Send the same request again.',
    retryAfterMs: 1_000,
    cause,
  });
