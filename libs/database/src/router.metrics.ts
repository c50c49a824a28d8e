import { gauge } from '#libs/telemetry';
import { isProven } from './node-state.js';
import type { RoutedNode } from './routed-node.js';

/** Facts about each node, for the health document. */
export function describeNodes(nodes: readonly RoutedNode[]): Record<string, unknown>[] {
  return nodes.map((node) => ({
    name: node.name,
    site: node.site,
    phase: node.state.phase,
    ...(isProven(node.state) && {
      timeline: node.state.report.timeline,
      latencyMs: Math.round(node.state.report.latencyMs * 10) / 10,
      lagMs: Math.round(node.lagMs),
    }),
    sessions: node.pool.sizes,
  }));
}

/** Shows the nodes of a router at each scrape. */
export function showNodes(nodes: readonly RoutedNode[]): void {
  const each = (name: string, help: string, value: (node: RoutedNode) => number): void => {
    gauge(name, help, ['node'], (metric) => {
      for (const node of nodes) metric.set({ node: node.name }, value(node));
    });
  };
  each('database_node_is_primary', '1 while the node is proven to be the primary', (node) =>
    Number(node.state.phase === 'primary'),
  );
  each('database_node_is_usable', '1 while good probes of the node follow each other', (node) =>
    Number(isProven(node.state)),
  );
  each('database_node_lag_milliseconds', 'Age of the data of a replica', (node) => node.lagMs);
  each('database_node_lag_bytes', 'Log not yet replayed by a replica', (node) => node.lagBytes);
  each('database_sessions', 'Pooled sessions that are open', (node) => node.pool.sizes.open);
  each('database_sessions_idle', 'Pooled sessions nobody uses', (node) => node.pool.sizes.idle);
  each('database_sessions_waited_for', 'Calls that wait for a session', (node) => node.pool.sizes.waiting);
  each(
    'database_sessions_abandoned',
    'Sessions given up whose back end may still run',
    (node) => node.pool.sizes.abandoned,
  );
}
