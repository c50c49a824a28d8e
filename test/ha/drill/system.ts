import { execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { mustCompose } from '../../../apps/cli/src/ha/compose.js';
import { type Container, containersOf } from '../../../apps/cli/src/ha/containers.js';
import { type Topology, topologyOf } from '../../../apps/cli/src/ha/topology.js';
import { instanceOf } from '../../../apps/cli/src/lite/instance.js';

const run = promisify(execFile);
const root = join(import.meta.dirname, '../../..');
/** The instance of these tests: beside whatever runs here already. */
const INSTANCE = Number(process.env.TWOFOLD_TEST_HA_INSTANCE ?? 9);
const UP_TIMEOUT_MS = 20 * 60_000;
const COMMAND_TIMEOUT_MS = 5 * 60_000;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

/** How a command of ours ended. */
export type CommandEnd = { code: number; stdout: string; stderr: string };

/** A topology in containers of its own, started and driven by the command line that people use. */
export class ContainerSystem {
  readonly instance = instanceOf(INSTANCE, root);
  readonly topology: Topology;

  constructor(mode: 'ha' | 'spof' = 'ha') {
    this.topology = topologyOf(this.instance, mode);
  }

  /** From nothing, whatever an earlier run or a restart of the machine has left. */
  async start(): Promise<void> {
    await run(process.execPath, ['infra/engine/install.mjs'], { cwd: root, timeout: UP_TIMEOUT_MS });
    await this.must('reset');
    await this.must('up', '--mode', this.topology.mode);
    const build = ['--profile', 'drill', 'build', 'net-fault'];
    await mustCompose(this.topology, build, 'read the lines above', { timeoutMs: UP_TIMEOUT_MS });
  }

  stop(): Promise<CommandEnd> {
    return this.command('reset');
  }

  /** Runs `./twofold …` for this instance. */
  async command(...args: string[]): Promise<CommandEnd> {
    const timeout = args[0] === 'up' ? UP_TIMEOUT_MS : COMMAND_TIMEOUT_MS;
    try {
      const options = { cwd: root, env: this.environment(), timeout, maxBuffer: MAX_OUTPUT_BYTES };
      return { code: 0, ...(await run('./twofold', args, options)) };
    } catch (error) {
      const { code, stdout = '', stderr = '' } = error as Partial<CommandEnd>;
      return { code: typeof code === 'number' ? code : -1, stdout, stderr: stderr || String(error) };
    }
  }

  async must(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.command(...args);
    if (code !== 0) throw new Error(`./twofold ${args.join(' ')} ended with ${code}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  /** Starts `./twofold …` beside us: what it does must not wait for what we do. */
  spawn(...args: string[]) {
    return spawn('./twofold', args, { cwd: root, env: this.environment(), stdio: 'ignore' });
  }

  containers(): Promise<Container[]> {
    return containersOf(this.topology);
  }

  /** Secret of the instance. */
  secretPath(name: string): string {
    return join(this.instance.folder, 'secrets', name);
  }

  /** Names of the members of a group, or of all. */
  members(where: { group?: string; site?: string } = {}): string[] {
    return this.topology.members
      .filter(({ group, site }) => (where.group ?? group) === group && (where.site ?? site) === site)
      .map(({ name }) => name);
  }

  siteOf(member: string): string {
    return this.topology.members.find(({ name }) => name === member)?.site ?? '';
  }

  private environment(): NodeJS.ProcessEnv {
    return { ...process.env, NODE_OPTIONS: '', TWOFOLD_INSTANCE: String(INSTANCE) };
  }
}
