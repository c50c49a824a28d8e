import { readFileSync } from 'node:fs';
import { AppError } from '#libs/errors';
import { readText } from './read-text.js';
import { Secret } from './secret.js';
import { type AnyConfigSection, type ComposedConfig, type ConfigValues, variableName } from './section.js';
import { REQUIRED, type Setting } from './setting.js';

/** Variables as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Longest value repeated in a fault, in characters. */
const MAX_SHOWN = 80;
/** Secret files are as long as a key set at most. */
const MAX_SECRET_FILE_BYTES = 65_536;

type Fault = string;

/**
 * Reads and checks every setting of a process. Empty variables count as missing.
 * @throws AppError `config-invalid` with one line per fault: variable, value (never a secret's), cure
 */
export function loadConfig<C extends ComposedConfig>(composed: C, env: Environment = process.env): ConfigValues<C> {
  const faults: Fault[] = [];
  const values = Object.fromEntries(
    Object.entries(composed).map(([key, section]) => [key, loadSection(section, env, faults)]),
  );
  if (faults.length > 0) throw configInvalid(faults);
  return Object.freeze(values) as ConfigValues<C>;
}

function configInvalid(faults: readonly Fault[]): AppError {
  const count = faults.length === 1 ? '1 setting is' : `${faults.length} settings are`;
  return new AppError({
    code: 'config-invalid',
    kind: 'bug',
    message: `${count} wrong:\n${faults.map((fault) => `  - ${fault}`).join('\n')}\nSee docs/configuration.md.`,
    details: { faults },
  });
}

function loadSection(section: AnyConfigSection, env: Environment, faults: Fault[]): unknown {
  const settings = Object.entries(section.settings);
  return Object.freeze(
    Object.fromEntries(
      settings.map(([key, setting]) => [key, loadSetting(variableName(section.name, key), setting, env, faults)]),
    ),
  );
}

function loadSetting(variable: string, setting: Setting<unknown>, env: Environment, faults: Fault[]): unknown {
  const text = setting.secret ? secretText(variable, env, faults) : present(env[variable]);
  if (text === undefined) return withoutVariable(variable, setting, faults);
  if (text === UNREADABLE) return undefined;
  const parsed = setting.schema.safeParse(readText(setting.schema, text));
  if (parsed.success) return setting.secret ? new Secret(String(parsed.data)) : deepFreeze(parsed.data);
  const wrong = parsed.error.issues.map((issue) => issue.message).join('; ');
  const shown = setting.secret ? '[secret]' : JSON.stringify(shorten(text));
  faults.push(`${variable}=${shown}: ${wrong}. ${setting.description}${defaultHint(setting)}`);
  return undefined;
}

function withoutVariable(variable: string, setting: Setting<unknown>, faults: Fault[]): unknown {
  if (setting.default === REQUIRED) {
    const file = setting.secret ? `, or ${variable}_FILE to the path of a file with it` : '';
    faults.push(`${variable} is missing. ${setting.description} Set ${variable}${file}.`);
    return undefined;
  }
  if (setting.secret && typeof setting.default === 'string') return new Secret(setting.default);
  return deepFreeze(setting.default);
}

const UNREADABLE = Symbol('unreadable');

/** A secret comes from the variable itself or from the file that `<VARIABLE>_FILE` names. */
function secretText(variable: string, env: Environment, faults: Fault[]): string | undefined | typeof UNREADABLE {
  const direct = present(env[variable]);
  const path = present(env[`${variable}_FILE`]);
  if (direct !== undefined && path !== undefined) {
    faults.push(`${variable} and ${variable}_FILE are both set. Unset one.`);
    return UNREADABLE;
  }
  if (path === undefined) return direct;
  try {
    const content = readFileSync(path);
    if (content.length > MAX_SECRET_FILE_BYTES) throw new Error(`it is larger than ${MAX_SECRET_FILE_BYTES} bytes`);
    return present(content.toString('utf8').trim()) ?? fail(new Error('it is empty'));
  } catch (error) {
    faults.push(`${variable}_FILE=${JSON.stringify(path)} cannot be used: ${(error as Error).message}.`);
    return UNREADABLE;
  }
}

function fail(error: Error): never {
  throw error;
}

const present = (text: string | undefined): string | undefined => (text === '' ? undefined : text);

const shorten = (text: string): string => (text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);

function defaultHint(setting: Setting<unknown>): string {
  if (setting.secret || setting.default === REQUIRED || setting.default === undefined) return '';
  return ` Unset it for the default, ${JSON.stringify(setting.default)}.`;
}

function deepFreeze<T>(value: T): T {
  if (value === null || typeof value !== 'object' || value instanceof Secret || Object.isFrozen(value)) return value;
  for (const inner of Object.values(value)) deepFreeze(inner);
  return Object.freeze(value);
}
