import { AppError } from '#libs/errors';
import { type DockerEnd, type DockerOptions, docker } from './docker.js';
import type { Topology } from './topology.js';

/** Last lines of a failed command that are shown. */
const SHOWN_LINES = 15;

/** Runs `docker compose …` on a topology. Never rejects. */
export function compose(topology: Topology, args: readonly string[], options: DockerOptions = {}): Promise<DockerEnd> {
  const { file, project, environment, instance } = topology;
  const place = ['compose', '--project-name', project, '--project-directory', instance.root, '--file', file];
  // Paths in the compose file are relative to it.
  const own = file.endsWith('spof.yml') ? ['compose', '--project-name', project, '--file', file] : place;
  const all = { BUILDKIT_PROGRESS: 'plain', ...environment, ...options.environment };
  return docker([...own, ...args], { ...options, folder: instance.root, environment: all });
}

/**
 * As {@link compose}, where it must succeed.
 * @throws AppError `start-failed` with its last lines and what to do
 */
export async function mustCompose(
  topology: Topology,
  args: readonly string[],
  cure: string,
  options: DockerOptions = {},
): Promise<void> {
  const end = await compose(topology, args, options);
  if (end.code === 0) return;
  const words = `${end.stdout}\n${end.stderr}`.trim().split('\n').slice(-SHOWN_LINES).join('\n');
  throw startFailed(`docker compose ${args.join(' ')} ended with ${end.code}:\n${words}`, cure);
}

export const startFailed = (what: string, cure: string): AppError =>
  new AppError({ code: 'start-failed', kind: 'unavailable', message: `${what}\nWhat to do: ${cure}` });
