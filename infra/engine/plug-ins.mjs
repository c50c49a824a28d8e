import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, tail } from './command.mjs';
import { SetupFailure, say, step } from './progress.mjs';

const PLUG_INS = { compose: 'docker-compose', buildx: 'docker-buildx' };
const CURE =
  'install Docker Compose v2 and buildx (https://docs.docker.com/compose/install/linux/), then run this again';

/** Makes `docker compose` (v2) and `docker buildx` work; installs into the user's own plug-in folder what is missing. */
export async function ensurePlugIns(debianImage) {
  const missing = [];
  for (const name of Object.keys(PLUG_INS)) if (!(await plugInVersion(name))) missing.push(name);
  if (missing.length > 0) await step(`Installing Docker ${missing.join(' and ')}`, () => install(missing, debianImage));
  for (const name of Object.keys(PLUG_INS)) say(`Docker ${name} ${await plugInVersion(name)}`);
}

async function plugInVersion(name) {
  const answer = await run('docker', [name, 'version'], { timeoutMs: 15_000 });
  if (answer.code !== 0) return undefined;
  const version = /v?(\d+\.\d+\.\d+)/.exec(answer.stdout)?.[1];
  return name === 'compose' && version?.startsWith('1.') ? undefined : version;
}

/** Debian's packages are unpacked inside a container, so no apt source of this machine is touched. */
async function install(names, debianImage) {
  const folder = mkdtempSync(join(tmpdir(), 'twofold-plug-ins-'));
  try {
    const packages = names.map((name) => PLUG_INS[name]).join(' ');
    const script =
      `apt-get update -qq && cd /tmp && apt-get download -qq ${packages} && for d in *.deb; do dpkg -x "$d" x; done
      && cp x/usr/libexec/docker/cli-plugins/* /out/`.replaceAll('\n', ' ');
    const got = await run('docker', ['run', '--rm', '-v', `${folder}:/out`, debianImage, 'sh', '-c', script]);
    if (got.code !== 0) throw new SetupFailure(`Could not download ${packages}:\n${tail(got)}`, CURE);
    const target = join(process.env.DOCKER_CONFIG ?? join(homedir(), '.docker'), 'cli-plugins');
    mkdirSync(target, { recursive: true });
    for (const name of names) putPlugIn(join(folder, PLUG_INS[name]), join(target, PLUG_INS[name]));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function putPlugIn(from, to) {
  if (!existsSync(from)) throw new SetupFailure(`The package held no ${from}`, CURE);
  copyFileSync(from, to);
  chmodSync(to, 0o755);
}
