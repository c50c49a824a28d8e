import type { Environment } from './load-config.js';

/** Variables by which a drill breaks a process on purpose. Read by drill builds only. */
export type DrillEnvironment = {
  readonly crashAt: string | undefined;
  /** The pass at which the point kills: 1 is the first. */
  readonly crashAtPass: number;
  readonly switchedOff: ReadonlySet<string>;
};

/** Reads `DRILL_CRASH_AT=<point>[:n]` and `DRILL_SWITCH_OFF=<rule>,<rule>`. */
export function drillEnvironment(env: Environment = process.env): DrillEnvironment {
  const [crashAt, pass] = (env.DRILL_CRASH_AT ?? '').split(':');
  return {
    crashAt: crashAt === '' ? undefined : crashAt,
    crashAtPass: Math.max(1, Number(pass ?? 1) || 1),
    switchedOff: new Set((env.DRILL_SWITCH_OFF ?? '').split(',').filter((name) => name !== '')),
  };
}

/**
 * The variables a child process gets: those of this process that every program needs, and `own`. Settings of the parent
 * never leak into a child by accident.
 */
export function childEnvironment(own: Environment, env: Environment = process.env): Record<string, string> {
  const kept = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR', 'TEMP', 'TMP', 'SystemRoot', 'NODE_EXTRA_CA_CERTS'];
  const merged = { ...Object.fromEntries(kept.map((name) => [name, env[name]])), ...own };
  return Object.fromEntries(Object.entries(merged).filter((pair): pair is [string, string] => pair[1] !== undefined));
}

/** All variables of this process, for the few tools (launcher, tests) that pass them on. */
export const processEnvironment = (): Environment => process.env;
