#!/usr/bin/env node
// Makes `docker compose up --build` possible on this machine. Plain Node (20 or later), no dependencies: it runs before
// anything is installed. Run again it finds what is there and changes nothing.
import { DEBIAN_IMAGE, ensureDebianImage, ensureNodeImage } from './base-images.mjs';
import { ensureEngine } from './docker-engine.mjs';
import { ensurePlugIns } from './plug-ins.mjs';
import { SetupFailure } from './progress.mjs';

try {
  await ensureEngine();
  await ensureDebianImage();
  await ensurePlugIns(DEBIAN_IMAGE);
  await ensureNodeImage();
} catch (error) {
  if (!(error instanceof SetupFailure)) throw error;
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
}
