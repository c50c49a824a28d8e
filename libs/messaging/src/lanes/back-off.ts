/** Waiting time after the n-th failure in a row (n from 1): doubles from `firstMs` up to `maxMs`. */
export function backOffMs(failures: number, firstMs: number, maxMs: number): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
}
