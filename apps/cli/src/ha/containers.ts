import { docker } from './docker.js';
import type { Topology } from './topology.js';

/** What the engine says of one container. */
export type Container = {
  /** Service name in the compose file. */
  readonly service: string;
  readonly name: string;
  readonly state: 'running' | 'paused' | 'restarting' | 'exited' | 'created' | 'dead' | 'removing';
  /** Id on this machine of its first process: its death is the container's. */
  readonly pid?: number;
  /** Verdict of its health check. */
  readonly health?: 'starting' | 'healthy' | 'unhealthy';
  readonly startedAt: string;
  readonly exitCode: number;
};

const PROJECT_LABEL = 'com.docker.compose.project';
const SERVICE_LABEL = 'com.docker.compose.service';
const SHOWN = [
  `{{index .Config.Labels "${SERVICE_LABEL}"}}`,
  '{{slice .Name 1}}',
  '{{.State.Status}}',
  '{{.State.Pid}}',
  '{{if .State.Health}}{{.State.Health.Status}}{{end}}',
  '{{.State.StartedAt}}',
  '{{.State.ExitCode}}',
].join('|');
/** An engine that does not answer in this time is as good as none. */
const TIMEOUT_MS = 10_000;

/** The containers of a topology, running or not; none when no engine answers. */
export async function containersOf(topology: Pick<Topology, 'project'>): Promise<Container[]> {
  const filter = `label=${PROJECT_LABEL}=${topology.project}`;
  const found = await docker(['ps', '--all', '--quiet', '--no-trunc', '--filter', filter], { timeoutMs: TIMEOUT_MS });
  const ids = found.stdout.split('\n').filter(Boolean);
  if (found.code !== 0 || ids.length === 0) return [];
  // A container that goes away meanwhile makes the command fail; what it said of the others holds.
  const seen = await docker(['inspect', '--type', 'container', '--format', SHOWN, ...ids], { timeoutMs: TIMEOUT_MS });
  return seen.stdout.split('\n').filter(Boolean).map(read);
}

/** Whether any container of the project runs. */
export async function isRunning(topology: Pick<Topology, 'project'>): Promise<boolean> {
  const filters = ['--filter', `label=${PROJECT_LABEL}=${topology.project}`, '--filter', 'status=running'];
  const found = await docker(['ps', '--quiet', ...filters], { timeoutMs: TIMEOUT_MS });
  return found.code === 0 && found.stdout.trim() !== '';
}

function read(line: string): Container {
  const [service = '', name = '', state, pid, health, startedAt = '', exitCode] = line.split('|');
  return {
    ...{ service, name, startedAt },
    state: state as Container['state'],
    exitCode: Number(exitCode),
    ...(Number(pid) > 0 && { pid: Number(pid) }),
    ...(health && { health: health as NonNullable<Container['health']> }),
  };
}
