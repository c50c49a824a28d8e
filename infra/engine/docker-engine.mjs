import { spawn } from 'node:child_process';
import { existsSync, openSync, readFileSync, rmSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { run, succeeds, tail } from './command.mjs';
import { SetupFailure, say, step } from './progress.mjs';

const ENGINE_LOG = '/var/log/twofold-dockerd.log';
const ENGINE_START_LIMIT_MS = 60_000;
const PID_FILES = { '/var/run/docker.pid': 'dockerd', '/var/run/docker/containerd/containerd.pid': 'containerd' };
const OTHER_SYSTEMS = 'install and start Docker (https://docs.docker.com/get-docker/), then run this again';

/** @returns {Promise<string | undefined>} the engine's version, or undefined when none answers */
export async function engineVersion() {
  const answer = await run('docker', ['version', '--format', '{{.Server.Version}}'], { timeoutMs: 15_000 });
  return answer.code === 0 ? answer.stdout.trim() : undefined;
}

/** Uses the engine that answers; otherwise, on Debian as root, installs and starts one. */
export async function ensureEngine() {
  const present = await engineVersion();
  if (present) {
    say(`Docker engine ${present} is running`);
    return;
  }
  requireDebianRoot();
  if (!(await succeeds('dockerd', ['--version'])) || !(await succeeds('iptables', ['--version']))) {
    await step('Installing the Docker engine (docker.io, iptables)', () => aptInstall(['docker.io', 'iptables']));
    // newer Debian releases have the client in a package of its own
    if (!(await succeeds('docker', ['--version']))) await aptInstall(['docker-cli']);
  }
  await step('Starting the Docker engine', startEngine);
}

/** Installs Debian packages without questions. */
export async function aptInstall(packages) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const lock = ['-o', 'DPkg::Lock::Timeout=300'];
  const update = await run('apt-get', [...lock, 'update', '-qq'], { env });
  const install = await run('apt-get', [...lock, 'install', '-y', '-qq', '--no-install-recommends', ...packages], {
    env,
  });
  if (install.code === 0) return;
  throw new SetupFailure(
    `apt-get could not install ${packages.join(' ')}:\n${tail(update, 4)}\n${tail(install)}`,
    'make `apt-get update` work on this machine (network, mirror, proxy), then run this again',
  );
}

export function isDebian() {
  return existsSync('/etc/debian_version') && existsSync('/usr/bin/apt-get');
}

function requireDebianRoot() {
  if (!isDebian()) throw new SetupFailure('No Docker engine answers', OTHER_SYSTEMS);
  if (process.getuid?.() === 0) return;
  throw new SetupFailure(
    'No Docker engine answers, and installing one needs root',
    'run this once as root (sudo), or start your engine (`sudo systemctl start docker`) and join the docker group',
  );
}

async function startEngine() {
  if (existsSync('/run/systemd/system')) {
    await run('systemctl', ['unmask', 'docker.service', 'docker.socket']);
    const started = await run('systemctl', ['enable', '--now', 'docker'], { timeoutMs: ENGINE_START_LIMIT_MS });
    if (started.code !== 0) {
      throw new SetupFailure(`systemd could not start Docker:\n${tail(started)}`, 'look at `journalctl -u docker`');
    }
  } else {
    dropStalePidFiles();
    const log = openSync(ENGINE_LOG, 'a');
    spawn('dockerd', [], { detached: true, stdio: ['ignore', log, log], cwd: '/' }).unref();
  }
  await untilEngineAnswers();
}

/** After a crash or a restart the pid file may name a process that is now something else; dockerd would refuse to start. */
function dropStalePidFiles() {
  for (const [file, program] of Object.entries(PID_FILES)) {
    if (!existsSync(file)) continue;
    const comm = `/proc/${readFileSync(file, 'utf8').trim()}/comm`;
    if (!existsSync(comm) || readFileSync(comm, 'utf8').trim() !== program) rmSync(file, { force: true });
  }
}

async function untilEngineAnswers() {
  const deadlineMs = Date.now() + ENGINE_START_LIMIT_MS;
  while (Date.now() < deadlineMs) {
    if (await engineVersion()) return;
    await sleep(500);
  }
  const log = existsSync(ENGINE_LOG) ? readFileSync(ENGINE_LOG, 'utf8').trim().split('\n').slice(-8).join('\n') : '';
  throw new SetupFailure(
    `The Docker engine did not answer within ${ENGINE_START_LIMIT_MS / 1000} s:\n${log}`,
    `read ${ENGINE_LOG}; inside a container the engine needs --privileged; if iptables fails try \`update-alternatives --set iptables /usr/sbin/iptables-legacy\``,
  );
}
