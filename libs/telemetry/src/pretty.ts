const COLOURS: Readonly<Record<string, string>> = {
  warn: '\x1b[33m',
  error: '\x1b[31m',
  fatal: '\x1b[31m',
  debug: '\x1b[2m',
};
const RESET = '\x1b[0m';
const LEADING = new Set(['time', 'level', 'service', 'name', 'msg', 'err', 'pid', 'site']);

type Entry = { time?: string; level?: string; service?: string; name?: string; msg?: string; err?: { stack?: string } };

/** A JSON log line as one line for people, with the stack of an error below. */
export function pretty(line: string): string {
  const entry = JSON.parse(line) as Entry & Record<string, unknown>;
  const { time = '', level = '', service, name, msg, err } = entry;
  const fields = Object.entries(entry)
    .filter(([field]) => !LEADING.has(field))
    .map(([field, value]) => ` ${field}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const where = service === undefined ? name : `${service}/${name}`;
  const colour = COLOURS[level];
  const shownLevel = colour === undefined ? level.padEnd(5) : `${colour}${level.padEnd(5)}${RESET}`;
  const stack = err?.stack === undefined ? '' : `\n${err.stack}`;
  return `${time.slice(11, 23)} ${shownLevel} ${where}: ${msg}${fields.join('')}${stack}\n`;
}
