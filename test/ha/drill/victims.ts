import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Container } from '../../../apps/cli/src/ha/containers.js';
import { containerOf } from '../../../apps/cli/src/ha/topology.js';
import { eventually } from '../../support/eventually.js';
import type { ContainerSystem } from './system.js';

const run = promisify(execFile);
const TIMEOUT_MS = 60_000;
const FREEZE_TIMEOUT_MS = 5_000;
const SERVICE_PORT = '3000';
const CPU_PERIOD_US = 100_000;
const HEAL_TIMEOUT_MS = 20_000;
const SITES = { seoul: 1, tokyo: 2, osaka: 3 } as const;

/** Runs `docker …`; rejects when it fails. */
export async function docker(...args: string[]): Promise<string> {
  return (await run('docker', args, { timeout: TIMEOUT_MS })).stdout.trim();
}

/** Breaks containers, and makes them whole again. */
export class Victims {
  constructor(private readonly system: ContainerSystem) {}

  /** Dead, and stays so: an engine does not restart what it was told to kill. */
  async kill(...members: string[]): Promise<void> {
    await docker('kill', ...this.names(members));
  }

  /** As a crash: the first process is gone, and the engine's restart policy acts. */
  async crash(...members: string[]): Promise<void> {
    await Promise.all((await this.pids(members)).map((pid) => killProcess(pid, this.image('net-fault'))));
  }

  /** All at once: they accept connections and answer nothing. A busy control group may refuse at the first attempt (runc). */
  async freeze(...members: string[]): Promise<void> {
    const pause = async () => {
      const awake = await this.inState(members, (state) => state !== 'paused');
      if (awake.length > 0) await docker('pause', ...awake);
    };
    await eventually(pause, { timeoutMs: FREEZE_TIMEOUT_MS });
  }

  async thaw(members: readonly string[]): Promise<void> {
    const frozen = await this.inState(members, (state) => state === 'paused');
    if (frozen.length > 0) await docker('unpause', ...frozen);
  }

  /** Leaves it so much of a core. */
  async throttle(member: string, cores: number): Promise<void> {
    const quota = String(Math.round(cores * CPU_PERIOD_US));
    await docker('update', '--cpu-period', String(CPU_PERIOD_US), '--cpu-quota', quota, ...this.names([member]));
  }

  /** How much of a core it takes right now. */
  async coresTaken(member: string): Promise<number> {
    const shown = await docker('stats', '--no-stream', '--format', '{{.CPUPerc}}', ...this.names([member]));
    return Number.parseFloat(shown) / 100;
  }

  async unthrottle(member: string): Promise<void> {
    await docker('update', '--cpu-quota', '-1', ...this.names([member]));
  }

  async start(...members: string[]): Promise<void> {
    await docker('start', ...this.names(members));
  }

  /** All at once, as when a site loses its power: a row of `docker kill` takes seconds. */
  async powerOff(members: string[]): Promise<void> {
    await docker('update', '--restart', 'no', ...this.names(members));
    await this.crash(...members);
  }

  async powerOn(members: string[]): Promise<void> {
    await docker('update', '--restart', 'unless-stopped', ...this.names(members));
    await this.start(...members);
  }

  /** Drops everything between these containers and the addresses. */
  async cut(members: readonly string[], addresses: readonly string[]): Promise<void> {
    await Promise.all(members.map((member) => this.network(member, 'cut', ...addresses)));
  }

  /** Drops requests to its HTTP port that begin like this, and nothing else. */
  async swallow(member: string, beginning: string): Promise<void> {
    await this.network(member, 'swallow', SERVICE_PORT, beginning);
  }

  /** Packets that a cut has dropped so far: the proof that it bit. */
  async dropped(member: string): Promise<number> {
    return Number(await this.network(member, 'count'));
  }

  /** Cuts the members of a site off from the other sites. */
  async cutSite(site: keyof typeof SITES, members: readonly string[]): Promise<void> {
    const others = Object.entries(SITES).filter(([name]) => name !== site);
    const networks = others.map(([, number]) => `${this.subnet}.${number}.0/24`);
    await this.cut(members, networks);
  }

  address(number: string): string {
    return `${this.subnet}.${number}`;
  }

  /** Whatever is broken, on whatever path we come here. */
  async healAll(): Promise<void> {
    await this.thaw(this.system.members());
    const dead = await this.inState(this.system.members(), (state) => state !== 'running' && state !== 'paused');
    if (dead.length === 0) return;
    await docker('update', '--restart', 'unless-stopped', ...dead);
    await docker('start', ...dead);
  }

  async healNetworks(members: readonly string[]): Promise<void> {
    // One that the monitor is just restarting cannot be joined for a moment.
    const heal = (member: string) =>
      eventually(() => this.network(member, 'heal'), { timeoutMs: HEAL_TIMEOUT_MS, intervalMs: 500 });
    await Promise.all(members.map(heal));
  }

  exec(member: string, ...command: string[]): Promise<string> {
    return docker('exec', containerOf(this.system.topology, member), ...command);
  }

  private get subnet(): string {
    return this.system.topology.environment.TWOFOLD_SUBNET ?? '';
  }

  private image(name: string): string {
    return `${this.system.topology.environment.TWOFOLD_PROJECT}/${name}:local`;
  }

  private network(member: string, ...command: string[]): Promise<string> {
    const container = `container:${containerOf(this.system.topology, member)}`;
    const place = ['--rm', '--cap-add', 'NET_ADMIN', '--network', container];
    return docker('run', ...place, this.image('net-fault'), ...command);
  }

  private async inState(members: readonly string[], is: (state: Container['state']) => boolean): Promise<string[]> {
    const found = (await this.system.containers()).filter(
      ({ service, state }) => members.includes(service) && is(state),
    );
    return found.map(({ name }) => name);
  }

  private names(members: readonly string[]): string[] {
    return members.map((member) => containerOf(this.system.topology, member));
  }

  /** First processes of those that run. */
  private async pids(members: readonly string[]): Promise<number[]> {
    const shown = await docker('inspect', '--format', '{{.State.Pid}}', ...this.names(members));
    return shown.split('\n').map(Number).filter(Boolean);
  }
}

/** Where containers run in a machine of their own (Docker Desktop), only a container can reach its processes. */
async function killProcess(pid: number, image: string): Promise<void> {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    await docker('run', '--rm', '--pid', 'host', '--cap-add', 'KILL', '--entrypoint', 'kill', image, '-9', String(pid));
  }
}
