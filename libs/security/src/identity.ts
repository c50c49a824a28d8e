import { AppError } from '#libs/errors';

/** Who calls. */
export type Identity = {
  /** The token's `sub`: 1 to 64 of `A-Za-z0-9._@:-`. */
  readonly customerId: string;
  readonly operator: boolean;
};

const SUBJECT = /^[A-Za-z0-9._@:-]{1,64}$/;

/** Whether `subject` may be a customer id: it is stored, logged and compared as it is. */
export const isSubject = (subject: unknown): subject is string => typeof subject === 'string' && SUBJECT.test(subject);

/** @throws AppError `invalid-request` */
export function assertSubject(subject: string): void {
  if (isSubject(subject)) return;
  throw new AppError({
    code: 'invalid-request',
    kind: 'invalid',
    message: `${JSON.stringify(subject)} cannot be a customer id. Use 1 to 64 letters, digits and . _ @ : -`,
  });
}
