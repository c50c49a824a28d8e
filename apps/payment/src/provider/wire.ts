import type { Dispatcher } from 'undici';

/** Largest answer of a provider: a full page of its ledger, in bytes. */
const MAX_ANSWER_BYTES = 1_048_576;

/**
 * Whether nothing can have reached the other side: the connection was refused, on every address of the host.
 * Anything else, "unreachable" and "not found" by the network included, proves nothing (R18).
 */
export function isConnectionRefused(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(isConnectionRefused);
  return (error as NodeJS.ErrnoException | undefined)?.code === 'ECONNREFUSED';
}

/**
 * Reads a JSON body of limited size.
 * @throws Error when it is larger, or not JSON
 */
export async function readJson({ body, statusCode }: Dispatcher.ResponseData): Promise<unknown> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_ANSWER_BYTES) throw new Error(`the answer is larger than ${MAX_ANSWER_BYTES} bytes`);
    chunks.push(chunk);
  }
  // A load balancer's error page need not be JSON; its status says enough.
  return statusCode === 200 ? JSON.parse(Buffer.concat(chunks).toString('utf8')) : undefined;
}
