/** One database node. */
export type NodeAddress = {
  /** As in `pg-1`; in `ha` the name Patroni knows it by. */
  readonly name: string;
  /** The place it stands at, as in `seoul`. */
  readonly site: string;
  readonly host: string;
  readonly port: number;
};

/** More nodes than this are surely a mistake. */
export const MAX_NODES = 16;

const NODE = /^([a-z0-9][a-z0-9-]*)@([a-z0-9][a-z0-9-]*)=([^:\s]+|\[[0-9a-fA-F:]+\]):(\d{1,5})$/;

/**
 * Reads `pg-1@seoul=127.0.0.1:8086,pg-2@seoul=…`.
 * @throws Error that names the entry which cannot be read
 */
export function parseNodes(text: string): readonly NodeAddress[] {
  const nodes = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map(parseNode);
  if (nodes.length === 0 || nodes.length > MAX_NODES)
    throw new Error(`name 1 to ${MAX_NODES} nodes, not ${nodes.length}`);
  if (new Set(nodes.map((node) => node.name)).size !== nodes.length) throw new Error('two nodes have the same name');
  return nodes;
}

function parseNode(entry: string): NodeAddress {
  const [, name, site, host, port] = NODE.exec(entry) ?? [];
  if (!name || !site || !host || Number(port) > 65_535)
    throw new Error(`"${entry}" is not <name>@<site>=<host>:<port>, as in pg-1@seoul=127.0.0.1:5432`);
  return { name, site, host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}
