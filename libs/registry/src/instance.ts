import { z } from 'zod';

/** One running instance of a service, as others reach it. */
export const instance = z.strictObject({
  /** As in `payment-1`. */
  name: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
  /** What it is one of, as in `payment`. */
  service: z.string().regex(/^[a-z][a-z0-9-]{0,62}$/),
  site: z.string(),
  /** Base address. */
  url: z.url(),
  /** Share of calls among its like; 0 takes none. */
  weight: z.int().min(0).max(1000),
  version: z.string().max(64),
});
/** @see instance */
export type Instance = Readonly<z.infer<typeof instance>>;

const ENTRY = /^([a-z][a-z0-9-]*)@([a-z][a-z0-9-]*)=(https?:\/\/\S+)$/;

/** `payment-1` is one of `payment`. */
export const serviceOf = (name: string): string => name.replace(/-\d+$/, '');

/**
 * Reads `payment-1@seoul=http://127.0.0.1:8082`.
 * @throws Error that names the entry which cannot be read
 */
export function parseInstance(entry: string): Instance {
  const [, name, site, url] = ENTRY.exec(entry) ?? [];
  if (!name || !site || !url)
    throw new Error(`"${entry}" is not <name>@<site>=<url>, as in payment-1@seoul=http://127.0.0.1:8082`);
  return instance.parse({ name, service: serviceOf(name), site, url, weight: 100, version: '' });
}
