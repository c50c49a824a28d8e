import { run, succeeds, tail } from './command.mjs';
import { buildDebianStandIn } from './debian-stand-in.mjs';
import { isDebian } from './docker-engine.mjs';
import { buildNodeStandIn } from './node-stand-in.mjs';
import { SetupFailure, say, step } from './progress.mjs';

/** Marks an image we made ourselves; its value is the tag it stands in for. Images built on it inherit the label. */
export const STAND_IN_LABEL = 'twofold.stand-in';
export const DEBIAN_IMAGE = 'debian:trixie-slim';
export const NODE_IMAGE = 'node:24-trixie-slim';
const PULL_LIMIT_MS = 300_000;

export const ensureDebianImage = () => ensure(DEBIAN_IMAGE, buildDebianStandIn);
export const ensureNodeImage = () => ensure(NODE_IMAGE, buildNodeStandIn);

/** An image that is here stays as it is, pulled or made; a stand-in is built only when the registry does not answer. */
async function ensure(tag, build) {
  if (await succeeds('docker', ['image', 'inspect', tag])) {
    say(`Base image ${tag} is here${(await isStandIn(tag)) ? ' (local stand-in)' : ''}`);
    return;
  }
  const pulled = await step(`Pulling ${tag}`, () =>
    run('docker', ['pull', '--quiet', tag], { timeoutMs: PULL_LIMIT_MS }),
  );
  if (pulled.code === 0) return;
  say(`${tag} cannot be pulled: ${tail(pulled, 1)}`);
  if (!isDebian() || process.getuid?.() !== 0) {
    throw new SetupFailure(
      `Base image ${tag} cannot be pulled`,
      `make \`docker pull ${tag}\` work (network, proxy, registry mirror); local stand-ins are built on Debian as root only`,
    );
  }
  await step(`Building a local stand-in for ${tag}`, () => build(tag, STAND_IN_LABEL));
}

/** True only when the label names this very tag: a label inherited from a base says nothing about the image itself. */
async function isStandIn(tag) {
  const format = `{{index .Config.Labels "${STAND_IN_LABEL}"}}`;
  const answer = await run('docker', ['image', 'inspect', '--format', format, tag]);
  return answer.code === 0 && answer.stdout.trim() === tag;
}
