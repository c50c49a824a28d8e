import { rmSync } from 'node:fs';

/** Jest's globalTeardown. */
export default async function stopPostgres(): Promise<void> {
  await globalThis.testPostgres?.server.stop();
  if (globalThis.testPostgres !== undefined) rmSync(globalThis.testPostgres.folder, { recursive: true, force: true });
}
