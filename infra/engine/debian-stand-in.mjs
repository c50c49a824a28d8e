import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, succeeds, tail } from './command.mjs';
import { aptInstall } from './docker-engine.mjs';
import { SetupFailure } from './progress.mjs';

const SUITE = 'trixie';
const LOCAL_CA_FOLDER = '/usr/local/share/ca-certificates';
const DEFAULT_MIRROR = 'http://deb.debian.org/debian';
const DEFAULT_SECURITY_MIRROR = 'http://deb.debian.org/debian-security';
const DPKG_RULES = `force-unsafe-io
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/man/*
path-exclude /usr/share/info/*
path-exclude /usr/share/locale/*/*
`;
const REMOVED = ['var/lib/apt/lists', 'var/cache/apt/archives', 'usr/share/man', 'usr/share/info', 'etc/machine-id'];

/** Bootstraps a minimal Debian from the mirrors this machine uses and imports it under the tag. Root only. */
export async function buildDebianStandIn(tag, label) {
  if (!(await succeeds('debootstrap', ['--version']))) await aptInstall(['debootstrap']);
  const folder = mkdtempSync(join(tmpdir(), 'twofold-debian-'));
  const root = join(folder, 'root');
  try {
    const mirror = await mirrorOf('Debian', DEFAULT_MIRROR);
    const options = ['--variant=minbase', '--merged-usr', '--include=tzdata,ca-certificates'];
    const made = await run('debootstrap', [...options, SUITE, root, mirror]);
    if (made.code !== 0) {
      throw new SetupFailure(`debootstrap failed:\n${tail(made)}`, `check that ${mirror} answers and serves ${SUITE}`);
    }
    await adapt(root, mirror);
    await importRoot(root, tag, label);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function adapt(root, mirror) {
  const security = await mirrorOf('Debian-Security', DEFAULT_SECURITY_MIRROR);
  const sources = [`${mirror} ${SUITE}`, `${mirror} ${SUITE}-updates`, `${security} ${SUITE}-security`];
  writeFileSync(join(root, 'etc/apt/sources.list'), sources.map((source) => `deb ${source} main\n`).join(''));
  writeFileSync(join(root, 'etc/dpkg/dpkg.cfg.d/slim'), DPKG_RULES);
  writeFileSync(join(root, 'usr/sbin/policy-rc.d'), '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  // what apt on this machine was told about fetching (an ageing mirror, a proxy) holds in a build on it as well
  const apt = await run('apt-config', ['dump']);
  const fetching = /^Acquire::(Check-Valid-Until|Check-Date|Retries|https?::)/;
  const kept = apt.stdout.split('\n').filter((line) => fetching.test(line));
  writeFileSync(join(root, 'etc/apt/apt.conf.d/zz-host'), `${kept.join('\n')}\nAcquire::Languages "none";\n`);
  await takeOverCertificates(root);
  for (const path of REMOVED) rmSync(join(root, path), { recursive: true, force: true });
  for (const path of ['var/lib/apt/lists/partial', 'var/cache/apt/archives/partial']) {
    mkdirSync(join(root, path), { recursive: true });
  }
  for (const path of ['etc/hostname', 'etc/resolv.conf']) writeFileSync(join(root, path), '');
}

/** Authorities that this machine's administrator added must be trusted by what is built on it, else no download works. */
async function takeOverCertificates(root) {
  if (!existsSync(LOCAL_CA_FOLDER)) return;
  const target = join(root, LOCAL_CA_FOLDER);
  mkdirSync(target, { recursive: true });
  for (const file of readdirSync(LOCAL_CA_FOLDER).filter((name) => name.endsWith('.crt'))) {
    copyFileSync(join(LOCAL_CA_FOLDER, file), join(target, file));
  }
  await run('chroot', [root, 'update-ca-certificates']);
}

async function importRoot(root, tag, label) {
  const tar = spawn('tar', ['--numeric-owner', '-C', root, '-c', '.'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const changes = [
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    'CMD ["bash"]',
    `LABEL ${label}=${tag}`,
  ];
  const args = ['import', ...changes.flatMap((change) => ['-c', change]), '-', tag];
  const imported = await run('docker', args, { input: tar.stdout });
  if (imported.code !== 0) {
    throw new SetupFailure(`docker import failed:\n${tail(imported)}`, 'check free disk space with `docker system df`');
  }
}

async function mirrorOf(label, fallback) {
  const query = [
    'indextargets',
    '--format',
    '$(REPO_URI)',
    'Created-By: Packages',
    'Origin: Debian',
    `Label: ${label}`,
  ];
  const answer = await run('apt-get', query);
  return answer.stdout.split('\n').find((line) => line.startsWith('http')) ?? fallback;
}
