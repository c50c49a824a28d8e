/** A step that takes longer says every so often that it goes on. */
const SIGN_OF_LIFE_MS = 15_000;

/** One line on standard error. */
export function say(text: string): void {
  process.stderr.write(`  ${text}\n`);
}

/** Runs a step, telling when it starts, that it goes on, and how long it took. */
export async function step<T>(title: string, work: () => Promise<T>): Promise<T> {
  const startedMs = Date.now();
  const seconds = () => `${((Date.now() - startedMs) / 1000).toFixed(0)} s`;
  say(`${title} …`);
  const timer = setInterval(() => say(`${title}: still at it after ${seconds()}`), SIGN_OF_LIFE_MS);
  try {
    const result = await work();
    say(`${title}: done in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
    return result;
  } finally {
    clearInterval(timer);
  }
}
