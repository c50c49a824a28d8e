import { rmSync } from 'node:fs';

/** Jest's globalTeardown. */
export default async function stopPostgres(): Promise<void> {
  if (globalThis.testPostgres === undefined) return;
  const { server, watchdog, folder } = globalThis.testPostgres;
  await server.stop();
  watchdog.stop();
  rmSync(folder, { recursive: true, force: true });
}
