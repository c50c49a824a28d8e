const COLOURS: Readonly<Record<string, string>> = {
  warn: '\x1b[33m',
  error: '\x1b[31m',
  fatal: '\x1b[31m',
  debug: '\x1b[2m',
};
const RESET = '\x1b[0m';
const LEADING = new Set(['time', 'level', 'service', 'name', 'msg', 'err', 'pid', 'site']);

/** A JSON log line as one line for people, with the stack of an error below. */
export function pretty(line: string): string {
  const entry = JSON.parse(line) as Record<string, unknown>;
  const level = String(entry.level);
  const fields = Object.entries(entry)
    .filter(([name]) => !LEADING.has(name))
    .map(([name, value]) => ` ${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  const stack = (entry.err as { stack?: string } | undefined)?.stack;
  const where = entry.service === undefined ? entry.name : `${entry.service}/${entry.name}`;
  const head = `${String(entry.time).slice(11, 23)} ${COLOURS[level] ?? ''}${level.padEnd(5)}${COLOURS[level] ? RESET : ''}`;
  return `${head} ${where}: ${entry.msg}${fields.join('')}${stack === undefined ? '' : `\n${stack}`}\n`;
}
