/**
 * Waits for `first`; when it has not answered after `afterMs`, or has failed, asks the others as well, and the first answer
 * counts. For what may be done more than once.
 * @throws AggregateError when nobody answers
 * @see https://research.google/pubs/the-tail-at-scale/ hedged requests
 */
export async function hedge<T>(first: Promise<T>, others: () => readonly Promise<T>[], afterMs: number): Promise<T> {
  const isAnswered = first.then(
    () => true,
    () => false,
  );
  let timer: NodeJS.Timeout | undefined;
  const isLate = new Promise<false>((resolve) => {
    timer = setTimeout(resolve, afterMs, false);
  });
  const isPrompt = await Promise.race([isAnswered, isLate]);
  clearTimeout(timer);
  return isPrompt ? first : Promise.any([first, ...others()]);
}
