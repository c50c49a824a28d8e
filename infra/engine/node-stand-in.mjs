import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run, tail } from './command.mjs';
import { SetupFailure } from './progress.mjs';

const NODE_RANGE = '24';
const NPM_RANGE = '11';
const ARCHITECTURES = { x64: 'x64', arm64: 'arm64' };

const dockerfile = (registry) => `FROM debian:trixie-slim
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node \\
 && apt-get update && apt-get install -y --no-install-recommends ca-certificates libstdc++6 libatomic1 \\
 && rm -rf /var/lib/apt/lists/*
COPY node /usr/local/bin/node
COPY npm/ /usr/local/lib/node_modules/npm/
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \\
 && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \\
 && chmod 755 /usr/local/bin/node /usr/local/lib/node_modules/npm/bin/*.js \\
 && mkdir -p /usr/local/etc \\
 && printf 'cafile=/etc/ssl/certs/ca-certificates.crt\\nregistry=${registry}\\n' > /usr/local/etc/npmrc \\
 && node --version && npm --version
ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
CMD ["node"]
`;

/** Node and npm as the npm registry publishes them, on the Debian base image; no script of a package runs. */
export async function buildNodeStandIn(tag, label) {
  const architecture = ARCHITECTURES[process.arch];
  if (!architecture) throw new SetupFailure(`No Node package for ${process.arch}`, `make \`docker pull ${tag}\` work`);
  const folder = mkdtempSync(join(tmpdir(), 'twofold-node-'));
  try {
    await unpack(`node-linux-${architecture}@${NODE_RANGE}`, join(folder, 'node-package'));
    await unpack(`npm@${NPM_RANGE}`, join(folder, 'npm'));
    for (const part of ['docs', 'man']) rmSync(join(folder, 'npm', part), { recursive: true, force: true });
    copyFileSync(join(folder, 'node-package/bin/node'), join(folder, 'node'));
    chmodSync(join(folder, 'node'), 0o755);
    rmSync(join(folder, 'node-package'), { recursive: true });
    const registry = (await run('npm', ['config', 'get', 'registry'])).stdout.trim();
    writeFileSync(join(folder, 'Dockerfile'), dockerfile(registry || 'https://registry.npmjs.org/'));
    const built = await run('docker', ['build', '--label', `${label}=${tag}`, '-t', tag, folder]);
    if (built.code !== 0) {
      throw new SetupFailure(
        `Building ${tag} failed:\n${tail(built)}`,
        'check that containers reach the Debian mirror',
      );
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function unpack(packageSpec, target) {
  mkdirSync(target, { recursive: true });
  const packed = await run('npm', ['pack', '--silent', '--pack-destination', target, packageSpec], { cwd: tmpdir() });
  const file = readdirSync(target).find((name) => name.endsWith('.tgz'));
  if (packed.code !== 0 || !file) {
    throw new SetupFailure(`npm could not fetch ${packageSpec}:\n${tail(packed)}`, 'check that `npm ping` answers');
  }
  const untarred = await run('tar', ['xzf', join(target, file), '-C', target, '--strip-components=1']);
  if (untarred.code !== 0) throw new SetupFailure(`tar failed:\n${tail(untarred)}`, 'check free disk space');
  rmSync(join(target, file));
}
