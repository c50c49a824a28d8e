/** One line per step on stderr, so that stdout stays free for a caller that wants an answer. */
export function say(message) {
  process.stderr.write(`  ${message}\n`);
}

/** Ends the program with what went wrong and what the reader can do about it. */
export class SetupFailure extends Error {
  /** @param {string} problem @param {string} cure a sentence in the imperative */
  constructor(problem, cure) {
    super(`${problem}\n  What to do: ${cure}`);
    this.name = 'SetupFailure';
  }
}

/** Runs a step, telling when it starts and how long it took. */
export async function step(title, work) {
  const startedMs = Date.now();
  say(`${title} …`);
  const result = await work();
  say(`${title}: done in ${((Date.now() - startedMs) / 1000).toFixed(1)} s`);
  return result;
}
