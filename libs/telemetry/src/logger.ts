import { type DestinationStream, destination, type Logger, pino } from 'pino';
import { pretty } from './pretty.js';
import { RequestContext } from './request-context.js';
import { REDACTED, REDACTED_MEMBERS, scrub } from './scrub.js';

export type { Logger } from 'pino';

/** What every line of a process says, and how. */
export type LoggingSetup = {
  readonly service: string;
  readonly site: string;
  readonly level: string;
  readonly format: 'json' | 'pretty';
};

let format: LoggingSetup['format'] = 'json';
let identity: { service?: string; site?: string } = {};
let sink: DestinationStream = destination({ dest: 1, sync: true });
const known = new Map<string, Logger>();

const stream: DestinationStream = {
  write(line) {
    const clean = scrub(line);
    sink.write(format === 'pretty' ? pretty(clean) : clean);
  },
};

const root = pino(
  {
    base: null,
    level: 'info',
    formatters: { level: (label) => ({ level: label }) },
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    redact: {
      paths: [...REDACTED_MEMBERS, ...REDACTED_MEMBERS.map((name) => `*.${name}`), 'headers["set-cookie"]'],
      censor: REDACTED,
    },
    mixin: () => {
      const correlationId = RequestContext.active()?.correlationId;
      return correlationId === undefined ? { ...identity } : { ...identity, correlationId };
    },
  },
  stream,
);

/**
 * The log of one part: `log.warn({ orderId }, 'order is late')`. Constant message, facts as fields, one line per decision.
 * Lines carry service, site and correlation id by themselves; card-like data, payment tokens and bearer tokens are removed.
 */
export function logger(name: string): Logger {
  const existing = known.get(name);
  if (existing) return existing;
  const made = root.child({ name });
  known.set(name, made);
  return made;
}

/** Says once per process who is logging and how; holds for loggers made before, too. */
export function configureLogging(setup: LoggingSetup): void {
  format = setup.format;
  identity = { service: setup.service, site: setup.site };
  root.level = setup.level;
  for (const child of known.values()) child.level = setup.level;
}

/** Sends log lines elsewhere, for tests; gives a function that undoes it. */
export function captureLog(write: (line: string) => void): () => void {
  const before = sink;
  sink = { write };
  return () => {
    sink = before;
  };
}
