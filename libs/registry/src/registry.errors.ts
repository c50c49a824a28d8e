import { AppError } from '#libs/errors';

/** Nobody of the service can be called: none is registered, or all were ejected for failing. */
export class NoAvailableInstance extends AppError {
  constructor(service: string) {
    super({
      code: 'no-available-instance',
      kind: 'unavailable',
      message: `No instance of ${service} is available. Try again, or do without it.`,
      retryAfterMs: 1_000,
    });
    this.name = NoAvailableInstance.name;
  }
}

/** No majority of etcd answered. */
export const registryUnavailable = (cause: unknown): AppError =>
  new AppError({
    code: 'unavailable',
    kind: 'unavailable',
    message: 'No majority of etcd answers. What is known already stays in use; try again.',
    retryAfterMs: 1_000,
    cause,
  });
