/** One line of a `/metrics` page. */
export type Sample = { readonly labels: Readonly<Record<string, string>>; readonly value: number };

/** All samples of one metric in a page in Prometheus' text format. */
export function samplesOf(page: string, name: string): Sample[] {
  const samples: Sample[] = [];
  for (let at = page.indexOf(`\n${name}`); at >= 0; at = page.indexOf(`\n${name}`, at + 1)) {
    const end = page.indexOf('\n', at + 1);
    const sample = parse(page.slice(at + 1, end < 0 ? undefined : end), name);
    if (sample) samples.push(sample);
  }
  return samples;
}

function parse(line: string, name: string): Sample | undefined {
  const [, labels = '', value] = /^[^{\s]+(?:\{(.*)\})? (\S+)/.exec(line) ?? [];
  const follows = line[name.length];
  if (value === undefined || (follows !== '{' && follows !== ' ')) return undefined;
  const pairs = [...labels.matchAll(/([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g)];
  return { labels: Object.fromEntries(pairs.map(([, key, text]) => [key, text])), value: Number(value) };
}
