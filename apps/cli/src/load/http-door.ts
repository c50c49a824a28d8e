import { type Dispatcher, Pool } from 'undici';

/**
 * Most connections to one door; more calls wait for one, and their waiting counts. Fewer than an edge takes (`maxconn 800` in
 * infra/edge/edge.cfg): connections beyond that stay unanswered until one of ours closes, and ours are kept.
 */
export const MAX_DOOR_CONNECTIONS = 700;

export type HttpCall = { method: 'GET' | 'POST'; path: string; headers: Record<string, string>; body?: string };
export type HttpAnswer = { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer };

/** No answer came: whether the server acted is unknown. */
export class NoAnswerError extends Error {
  constructor(
    readonly reason: string,
    cause?: unknown,
  ) {
    super(`No answer: ${reason}.`, { cause });
    this.name = NoAnswerError.name;
  }
}

/**
 * One front door over kept-alive connections. Speaks undici's handler protocol directly: a call costs a third of `fetch`,
 * which matters when the generator shares two cores with what it measures.
 */
export class HttpDoor {
  private readonly pool: Pool;

  constructor(
    readonly url: string,
    maxConnections = MAX_DOOR_CONNECTIONS,
  ) {
    this.pool = new Pool(new URL(url).origin, {
      connections: maxConnections,
      pipelining: 1,
      connect: { timeout: 3_000 },
      keepAliveTimeout: 30_000,
      headersTimeout: 0,
      bodyTimeout: 0,
    });
  }

  /**
   * One call; after `timeoutMs` its connection is dropped.
   * @throws NoAnswerError
   */
  call(call: HttpCall, timeoutMs: number): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      this.pool.dispatch({ ...call, body: call.body ?? null }, new AnswerHandler(resolve, reject, timeoutMs));
    });
  }

  async close(): Promise<void> {
    await this.pool.destroy();
  }
}

class AnswerHandler implements Dispatcher.DispatchHandler {
  private readonly chunks: Buffer[] = [];
  private readonly timer: NodeJS.Timeout;
  private controller: Dispatcher.DispatchController | undefined;
  private isOver = false;
  private status = 0;
  private headers: HttpAnswer['headers'] = {};

  constructor(
    private readonly resolve: (answer: HttpAnswer) => void,
    private readonly reject: (error: NoAnswerError) => void,
    timeoutMs: number,
  ) {
    this.timer = setTimeout(() => this.giveUp(timeoutMs), timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.isOver) controller.abort(new Error('given up before it was sent'));
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: HttpAnswer['headers']): void {
    this.status = status;
    this.headers = headers;
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (!this.end()) return;
    const [only] = this.chunks;
    const body = this.chunks.length === 1 && only ? only : Buffer.concat(this.chunks);
    this.resolve({ status: this.status, headers: this.headers, body });
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error & { code?: string }): void {
    if (this.end()) this.reject(new NoAnswerError(error.code ?? error.message, error));
  }

  private giveUp(timeoutMs: number): void {
    if (!this.end()) return;
    this.controller?.abort(new Error('timed out'));
    this.reject(new NoAnswerError(`timed out after ${timeoutMs} ms`));
  }

  private end(): boolean {
    if (this.isOver) return false;
    this.isOver = true;
    clearTimeout(this.timer);
    return true;
  }
}
