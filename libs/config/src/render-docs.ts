import { z } from 'zod';
import { type AnyConfigSection, variableName } from './section.js';
import { REQUIRED, type Setting } from './setting.js';

type Line = { readonly variable: string; readonly setting: Setting<unknown> };

const linesOf = (section: AnyConfigSection): Line[] =>
  Object.entries(section.settings).map(([key, setting]) => ({
    variable: variableName(section.name, key),
    setting,
  }));

const byName = (sections: readonly AnyConfigSection[]): AnyConfigSection[] =>
  [...new Map(sections.map((section) => [section.name, section])).values()].sort((a, b) => (a.name < b.name ? -1 : 1));

/** Text of `docs/configuration.md`: every setting with its range, default and meaning. */
export function renderConfigurationDoc(sections: readonly AnyConfigSection[]): string {
  const parts = byName(sections).flatMap((section) => [
    `## ${section.name}`,
    '',
    '| variable | values | default | meaning |',
    '|---|---|---|---|',
    ...linesOf(section).map(row),
    '',
  ]);
  return [
    '# Configuration',
    '',
    '<!-- Generated from the `config(…)` sections in libs/ and apps/: change them there. -->',
    '',
    'Every process reads its settings from environment variables, checks all of them before it starts, and names every',
    'fault at once. The unit is the last word of a name. Secrets can also be read from a file: `<VARIABLE>_FILE=<path>`.',
    'The launcher and `docker-compose.yml` set what has no default.',
    '',
    ...parts,
  ].join('\n');
}

function row({ variable, setting }: Line): string {
  const name = setting.secret ? `\`${variable}\` or \`${variable}_FILE\`` : `\`${variable}\``;
  const cells = [name, rangeOf(setting.schema), defaultOf(setting), setting.description];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function defaultOf(setting: Setting<unknown>): string {
  if (setting.default === REQUIRED) return '**required**';
  if (setting.default === undefined || asText(setting.default) === '') return 'none';
  return setting.secret ? '`[secret]`' : `\`${asText(setting.default)}\``;
}

const asText = (value: unknown): string => {
  if (Array.isArray(value)) return value.map(asText).join(',');
  return value !== null && typeof value === 'object' ? JSON.stringify(value) : String(value);
};

type JsonSchema = {
  type?: string;
  enum?: unknown[];
  minimum?: number;
  maximum?: number;
  format?: string;
  items?: JsonSchema;
};

/** What a setting may be, in words, from its schema. */
function rangeOf(schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return describe(json);
}

function describe(json: JsonSchema): string {
  if (json.enum) return json.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (json.type === 'array') return `list, comma-separated${json.items ? ` (${describe(json.items)})` : ''}`;
  if (json.type === 'boolean') return '`true`, `false`';
  if (json.type !== 'integer' && json.type !== 'number')
    return json.format ?? json.type?.replace('string', 'text') ?? 'text';
  const from = json.minimum ?? '−∞';
  const to = json.maximum === undefined || json.maximum === Number.MAX_SAFE_INTEGER ? '∞' : json.maximum;
  return `${json.type === 'integer' ? 'whole number' : 'number'} ${from} to ${to}`;
}

/** Text of `.env.example`: every variable with its default, commented out; required ones empty. */
export function renderEnvExample(sections: readonly AnyConfigSection[]): string {
  const parts = byName(sections).flatMap((section) => [
    `# --- ${section.name} ---`,
    ...linesOf(section).flatMap(({ variable, setting }) => [`# ${setting.description}`, example(variable, setting)]),
    '',
  ]);
  return [
    '# Generated. Only needed to run a process by hand: the launcher and docker-compose.yml set all of this.',
    '',
    ...parts,
  ].join('\n');
}

function example(variable: string, setting: Setting<unknown>): string {
  if (setting.secret) return `#${variable}_FILE=`;
  if (setting.default === REQUIRED) return `${variable}=`;
  return `#${variable}=${setting.default === undefined ? '' : asText(setting.default)}`;
}
