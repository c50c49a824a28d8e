type Node = { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] };

/** As V8 writes it with `--cpu-prof`. */
export type CpuProfile = { nodes: Node[]; samples: number[]; timeDeltas: number[]; startTime: number; endTime: number };

const TOP_PACKAGES = 25;
const TOP_FUNCTIONS = 60;

export type ProfilePage = {
  readonly title: string;
  readonly profile: CpuProfile;
  /** What counts of the profile, in µs of its clock: not the start. */
  readonly window: { readonly fromUs: number; readonly toUs: number };
  readonly orders: number;
  readonly statements: readonly { calls: number; ms: number; text: string }[];
};

/** A page of two tables and one list: CPU by package and by function of the service, time by statement of Postgres. */
export function renderProfile({ title, profile, window, orders, statements }: ProfilePage): string {
  const selfUs = selfTimes(profile, window);
  const byPackage = new Map<string, number>();
  const byFunction = new Map<string, number>();
  let totalUs = 0;
  for (const node of profile.nodes) {
    const us = selfUs.get(node.id) ?? 0;
    const { functionName, url, lineNumber } = node.callFrame;
    if (functionName === '(idle)' || us === 0) continue;
    totalUs += us;
    add(byPackage, packageOf(url, functionName), us);
    add(byFunction, `${functionName === '' ? '(anonymous)' : functionName} ${shortUrl(url)}:${lineNumber + 1}`, us);
  }
  const share = (us: number): string => `${((100 * us) / totalUs).toFixed(1)} %`;
  const rows = (map: Map<string, number>, top: number): string[] =>
    [...map]
      .sort((a, b) => b[1] - a[1])
      .slice(0, top)
      .map(([name, us]) => `| \`${name}\` | ${share(us)} |`);
  return [
    `# Where the CPU of POST /orders goes\n\n\`npm run bench:profile -- --write\`: ${title}.\n`,
    '## The service, by package\n\n| package | self time |\n|---|---|',
    ...rows(byPackage, TOP_PACKAGES),
    '\n## The service, by function\n\n| function | self time |\n|---|---|',
    ...rows(byFunction, TOP_FUNCTIONS),
    '\n## Postgres, by statement\n\nExecution time, waits included, nested statements counted in their function, too.\n\n| µs per order | calls | statement |\n|---|---|---|',
    ...statements.map(
      ({ calls, ms, text }) =>
        `| ${((ms * 1_000) / orders).toFixed(1)} | ${calls} | \`${text.replaceAll('|', '\\|')}\` |`,
    ),
    '',
  ].join('\n');
}

function selfTimes(profile: CpuProfile, window: ProfilePage['window']): Map<number, number> {
  const selfUs = new Map<number, number>();
  let atUs = profile.startTime;
  profile.samples.forEach((id, index) => {
    const us = profile.timeDeltas[index] ?? 0;
    atUs += us;
    if (atUs >= window.fromUs && atUs <= window.toUs) selfUs.set(id, (selfUs.get(id) ?? 0) + us);
  });
  return selfUs;
}

const add = (map: Map<string, number>, key: string, us: number): void => void map.set(key, (map.get(key) ?? 0) + us);

const MODULE = /node_modules\/((?:@[^/]+\/)?[^/]+)/g;

function packageOf(url: string, functionName: string): string {
  const inside = [...url.matchAll(MODULE)].at(-1)?.[1];
  if (inside !== undefined) return inside;
  const ours = /dist\/((?:apps|libs)\/[^/]+)/.exec(url)?.[1];
  if (ours !== undefined) return ours;
  if (url.startsWith('node:')) return url;
  return functionName.startsWith('(') ? functionName : 'native';
}

const shortUrl = (url: string): string => url.replace(/^file:\/\//, '').replace(/^.*\/(node_modules|dist)\//, '');
