import type { z } from 'zod';
import type { Secret } from './secret.js';

/** Marks a setting without default: the process does not start without it. */
export const REQUIRED: unique symbol = Symbol('required');

/** One setting. `T` is what the program sees: a {@link Secret} when it is secret. */
export type Setting<T> = {
  readonly schema: z.ZodType;
  readonly default: unknown;
  readonly description: string;
  readonly secret: boolean;
  /** Carries the type only. */
  readonly type?: T;
};

type Options = { readonly secret?: boolean };

/**
 * Declares a setting; its unit is the last word of its name (`timeoutMs`). Text from the environment is converted to what
 * the schema wants: numbers, `true`/`false`, comma-separated lists for arrays.
 * @param default_ value without an environment variable, or {@link REQUIRED}; a secret never has one that protects anything
 */
export function setting<S extends z.ZodType>(
  schema: S,
  default_: z.output<S> | typeof REQUIRED,
  description: string,
): Setting<z.output<S>>;
export function setting<S extends z.ZodType>(
  schema: S,
  default_: z.output<S> | typeof REQUIRED,
  description: string,
  options: { readonly secret: true },
): Setting<Secret>;
export function setting(
  schema: z.ZodType,
  default_: unknown,
  description: string,
  options: Options = {},
): Setting<unknown> {
  return { schema, default: default_, description, secret: options.secret ?? false };
}

function required<S extends z.ZodType>(schema: S, description: string): Setting<z.output<S>>;
function required(schema: z.ZodType, description: string, options: { readonly secret: true }): Setting<Secret>;
function required(schema: z.ZodType, description: string, options: Options = {}): Setting<unknown> {
  return { schema, default: REQUIRED, description, secret: options.secret ?? false };
}

/** A setting the process cannot start without. */
setting.required = required;

function optional<S extends z.ZodType>(schema: S, description: string): Setting<z.output<S> | undefined>;
function optional(
  schema: z.ZodType,
  description: string,
  options: { readonly secret: true },
): Setting<Secret | undefined>;
function optional(schema: z.ZodType, description: string, options: Options = {}): Setting<unknown> {
  return { schema, default: undefined, description, secret: options.secret ?? false };
}

/** A setting that may be missing: `undefined` then. */
setting.optional = optional;
