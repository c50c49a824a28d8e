import type { Setting } from './setting.js';

/** The settings of one part. Environment names are `<SECTION>_<NAME>` in upper snake case. */
export type ConfigSection<T> = {
  readonly name: string;
  /** Token under which Nest provides the section's values. */
  readonly token: symbol;
  readonly settings: { readonly [K in keyof T]: Setting<T[K]> };
};

/** Values of a section: `ConfigOf<typeof relayConfig>`. */
export type ConfigOf<S> = S extends ConfigSection<infer T> ? Readonly<T> : never;

/** A section whatever its settings. */
export type AnyConfigSection = {
  readonly name: string;
  readonly token: symbol;
  readonly settings: Readonly<Record<string, Setting<unknown>>>;
};

/** Sections of one process, by any name. */
export type ComposedConfig = Readonly<Record<string, AnyConfigSection>>;

/** Frozen values of a composed config, under the same names. */
export type ConfigValues<C> = { readonly [K in keyof C]: ConfigOf<C[K]> };

type Shape = Record<string, Setting<unknown>>;
type ValuesOf<S extends Shape> = { [K in keyof S]: S[K] extends Setting<infer T> ? T : never };

/**
 * Declares a section: `config('relay', { batchSize: setting(…) })` reads `RELAY_BATCH_SIZE`.
 * The token is global by name, so that two copies of a library agree on it.
 */
export function config<S extends Shape>(name: string, settings: S): ConfigSection<ValuesOf<S>> {
  return Object.freeze({
    name,
    token: Symbol.for(`twofold.config.${name}`),
    settings: Object.freeze(settings) as unknown as ConfigSection<ValuesOf<S>>['settings'],
  });
}

/**
 * The sections one process needs.
 * @throws Error when two sections share a name, for then their variables would clash
 */
export function compose<C extends ComposedConfig>(sections: C): C {
  const names = Object.values(sections).map((section) => section.name);
  const doubled = names.find((name, index) => names.indexOf(name) !== index);
  if (doubled !== undefined) throw new Error(`Two config sections are called "${doubled}". Rename one.`);
  return Object.freeze(sections);
}

/** `relay`, `batchSize` → `RELAY_BATCH_SIZE`. */
export function variableName(section: string, key: string): string {
  return `${section}_${key}`
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toUpperCase();
}

/** Whether a module's export is a section, for the generators that collect all of them. */
export function isConfigSection(value: unknown): value is AnyConfigSection {
  const { token } = (value ?? {}) as { token?: unknown };
  return typeof token === 'symbol' && (Symbol.keyFor(token)?.startsWith('twofold.config.') ?? false);
}
