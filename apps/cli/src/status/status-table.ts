import { styleText } from 'node:util';
import type { ServiceStatus, SystemStatus } from '#libs/contracts';

const COLOUR = { up: 'green', degraded: 'yellow', down: 'red', unknown: 'gray' } as const;

/** The status for people. */
export function statusTable(status: SystemStatus): string {
  const rows = status.services.map((service) => [
    service.name,
    coloured(service.health),
    service.site,
    service.pid === undefined ? (service.container ?? '') : `pid ${service.pid}`,
    service.url ?? '',
  ]);
  const running = status.services.some(({ pid, container }) => pid !== undefined || container !== undefined);
  return [
    running ? `Twofold, ${status.mode}` : 'Nothing runs. ./twofold up starts it.',
    ...aligned(rows).map((row) => `  ${row}`),
    `  front doors ${status.frontDoors.join(' ')}`,
  ].join('\n');
}

/** One line: how many of each group are well. */
export function statusLine(services: readonly Pick<ServiceStatus, 'group' | 'health'>[]): string {
  const groups = [...new Set(services.map(({ group }) => group))];
  return groups
    .map((group) => {
      const members = services.filter((service) => service.group === group);
      const well = members.filter(({ health }) => health === 'up' || health === 'degraded').length;
      const colour = well === members.length ? 'green' : well === 0 ? 'red' : 'yellow';
      return `${group} ${styleText(colour, `${well}/${members.length}`)}`;
    })
    .join('  ');
}

function coloured(health: ServiceStatus['health']): string {
  return styleText(COLOUR[health], health);
}

const ESCAPES = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
const widthOf = (text: string): number => text.replace(ESCAPES, '').length;

function aligned(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  return rows.map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - widthOf(cell)))
      .join('  ')
      .trimEnd(),
  );
}
