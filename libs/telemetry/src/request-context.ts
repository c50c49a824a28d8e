import { AsyncLocalStorage } from 'node:async_hooks';
import { uuidv7 } from '#libs/contracts';
import { childTraceparent } from './traceparent.js';

/** What a context starts from; both come from a request's headers or an event's envelope. */
export type ContextInit = {
  readonly correlationId?: string | undefined;
  /** @see https://www.w3.org/TR/trace-context/ */
  readonly traceparent?: string | undefined;
};

const storage = new AsyncLocalStorage<RequestContext>();

/** Who asked: follows a request through every `await`, and through events to other services. */
export class RequestContext {
  readonly correlationId: string;
  readonly #parent: string | undefined;
  #traceparent: string | undefined;

  private constructor(init: ContextInit) {
    this.correlationId = init.correlationId ?? uuidv7();
    this.#parent = init.traceparent;
  }

  /** Child of the caller's trace, or the root of a new one when the caller sent none. Made when first asked for. */
  get traceparent(): string {
    this.#traceparent ??= childTraceparent(this.#parent);
    return this.#traceparent;
  }

  /** Runs `work`, and everything it awaits, inside a new context. */
  static run<T>(init: ContextInit, work: () => T): T {
    return storage.run(new RequestContext(init), work);
  }

  /** The context of the running work; outside of any, a fresh one, so that events always carry a correlation id. */
  static current(): RequestContext {
    return storage.getStore() ?? new RequestContext({});
  }

  /** The context of the running work, if there is one. */
  static active(): RequestContext | undefined {
    return storage.getStore();
  }
}
