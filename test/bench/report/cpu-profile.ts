type Node = { id: number; callFrame: { functionName: string; url: string; lineNumber: number }; children?: number[] };

/** As V8 writes it with `--cpu-prof`. */
export type CpuProfile = { nodes: Node[]; samples: number[]; timeDeltas: number[]; startTime: number; endTime: number };

const TOP_PACKAGES = 25;
const TOP_FUNCTIONS = 40;

/** What counts of a profile, in µs of its clock: not the start. */
export type Window = { readonly fromUs: number; readonly toUs: number };

export type ProfilePage = {
  readonly title: string;
  /** Command that makes the page, and what was measured under which load. */
  readonly command: string;
  readonly figures: string;
  readonly services: readonly { readonly name: string; readonly profile: CpuProfile }[];
  readonly window: Window;
  readonly orders: number;
  readonly statements: readonly { calls: number; ms: number; text: string }[];
};

/** A page of tables: CPU by package and by function of each service, time by statement of Postgres. */
export function renderProfile(page: ProfilePage): string {
  const { title, command, figures, services, window, orders, statements } = page;
  return [
    `# ${title}\n\n\`${command}\`: ${figures}.\n`,
    ...services.flatMap(({ name, profile }) => tablesOf(name, profile, window)),
    '\n## Postgres, by statement\n\nExecution time, waits included, nested statements counted in their function, too.\n\n| µs per order | calls | statement |\n|---|---|---|',
    ...statements.map(
      ({ calls, ms, text }) =>
        `| ${((ms * 1_000) / orders).toFixed(1)} | ${calls} | \`${text.replaceAll('|', '\\|')}\` |`,
    ),
    '',
  ].join('\n');
}

function tablesOf(name: string, profile: CpuProfile, window: Window): string[] {
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
    `\n## The ${name} service, by package\n\n| package | self time |\n|---|---|`,
    ...rows(byPackage, TOP_PACKAGES),
    `\n## The ${name} service, by function\n\n| function | self time |\n|---|---|`,
    ...rows(byFunction, TOP_FUNCTIONS),
  ];
}

function selfTimes(profile: CpuProfile, window: Window): Map<number, number> {
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
