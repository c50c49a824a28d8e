import { z } from 'zod';
import { type MonitorState, monitorState } from '#libs/contracts';

const ANSWER_LIMIT_MS = 1_500;
/** Decisions shown. */
const NEWEST = 5;

const decisionPage = z.object({ items: z.array(z.object({ at: z.string(), action: z.string(), reason: z.string() })) });
const incidentPage = z.object({
  items: z.array(
    z.object({
      target: z.string(),
      detectedAt: z.string(),
      detectionMs: z.number().optional(),
      recoveredAt: z.string().optional(),
      recoveryMs: z.number().optional(),
      restarts: z.number(),
    }),
  ),
});

/** What the monitor makes of the system. */
export type MonitorView = {
  readonly state: MonitorState;
  readonly decisions: z.infer<typeof decisionPage>['items'];
  readonly incidents: z.infer<typeof incidentPage>['items'];
};

/** Asks the monitors in turn; nothing when none answers. */
export async function monitorViewOf(urls: readonly string[]): Promise<MonitorView | undefined> {
  for (const url of urls) {
    try {
      const [state, decisions, incidents] = await Promise.all([
        ask(`${url}/api/state`),
        ask(`${url}/api/decisions?limit=${NEWEST}`),
        ask(`${url}/api/incidents?limit=${NEWEST}`),
      ]);
      return {
        state: monitorState.parse(state),
        decisions: decisionPage.parse(decisions).items,
        incidents: incidentPage.parse(incidents).items,
      };
    } catch {
      // The next one may know.
    }
  }
  return undefined;
}

async function ask(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_LIMIT_MS) });
  return response.json();
}

/** The view for people: roles and lag, what is not well, open alerts, incidents, the last decisions. */
export function monitorText({ state, decisions, incidents }: MonitorView): string {
  const { leader, targets, alerts, syntheticOrder: order } = state;
  const lines = [`  monitor     ${leader ?? 'nobody'} acts${state.dryRun ? ' (dry run)' : ''}`];
  if (order)
    lines.push(`  test order  ${order.ok ? `confirmed in ${Math.round(order.tookMs)} ms` : `failed: ${order.detail}`}`);
  for (const { name, facts } of targets)
    if (facts.role !== undefined) lines.push(`  ${name.padEnd(11)} ${roleText(facts)}`);
  for (const { name, state: how, detail } of targets)
    if (how !== 'well') lines.push(`  ${name.padEnd(11)} ${how}: ${detail}`);
  for (const { text, runbook } of alerts) lines.push(`  ALERT       ${text} See ${runbook}`);
  const open = incidents.filter(({ recoveredAt }) => recoveredAt === undefined).length;
  lines.push(`  incidents   ${open} open${incidents.map(incidentText).join('')}`);
  for (const { at, reason } of decisions.toReversed()) lines.push(`  ${at.slice(11, 19)}    ${reason}`);
  return lines.join('\n');
}

function roleText({ role, lagMs, lagBytes, patroniState }: MonitorState['targets'][number]['facts']): string {
  const lag = lagMs === undefined || role === 'primary' ? '' : `, ${Math.round(Number(lagMs))} ms behind`;
  const bytes = lagBytes === undefined || role === 'primary' ? '' : `, ${lagBytes} bytes`;
  const patroni = patroniState === undefined ? '' : `, Patroni: ${patroniState}`;
  return `${role}${lag}${bytes}${patroni}`;
}

function incidentText({ target, detectionMs, recoveryMs, restarts }: MonitorView['incidents'][number]): string {
  const detected = detectionMs === undefined ? '' : `, detected within ${seconds(detectionMs)}`;
  const recovered = recoveryMs === undefined ? ', open' : `, recovered ${seconds(recoveryMs)} later`;
  return `\n              ${target}${detected}${recovered}, ${restarts} restart${restarts === 1 ? '' : 's'} by the monitor`;
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
