import { cursorInvalid } from './order.errors.js';

/** An opaque `after`: the last key of the page before, so that pages neither skip nor repeat while the list changes. */
export const encodeCursor = (lastKey: string): string => Buffer.from(lastKey).toString('base64url');

/**
 * The key inside an `after`, if one was sent.
 * @throws AppError `invalid-request` when it is not one that {@link encodeCursor} made of an acceptable key
 */
export function decodeCursor(after: string | undefined, isKey: (text: string) => boolean): string | undefined {
  if (after === undefined) return undefined;
  const key = Buffer.from(after, 'base64url').toString('utf8');
  if (encodeCursor(key) !== after || !isKey(key)) throw cursorInvalid();
  return key;
}

/** One item more than `limit` was asked for, to know whether there is a next page. */
export function pageOf<T>(
  items: readonly T[],
  limit: number,
  keyOf: (item: T) => string,
): { items: T[]; next?: string } {
  const page = items.slice(0, limit);
  const last = page.at(-1);
  return items.length > limit && last !== undefined
    ? { items: page, next: encodeCursor(keyOf(last)) }
    : { items: page };
}
