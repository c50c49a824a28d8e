import { type CanActivate, createParamDecorator, type ExecutionContext, Injectable, SetMetadata } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AppError } from '#libs/errors';
import { PUBLIC_METADATA } from '#libs/health';
import type { Identity } from './identity.js';
import { TokenVerifier } from './token-verifier.js';

type AuthenticatedRequest = {
  readonly headers: { readonly authorization?: string | undefined };
  identity?: Identity;
};

const BEARER = /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i;

/** Opens a route, or all routes of a controller, to callers without token. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(PUBLIC_METADATA, true);

/** The customer id of the caller. Only behind {@link CustomerGuard}. */
export const Customer = createParamDecorator((_: unknown, context: ExecutionContext): string => {
  const { identity } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (identity) return identity.customerId;
  throw new AppError({
    code: 'internal-error',
    kind: 'bug',
    message: `${context.getHandler().name} uses @Customer() without CustomerGuard. Add @UseGuards(CustomerGuard).`,
  });
});

/** Lets callers with a good token in. Events and routes marked {@link Public} pass. */
@Injectable()
export class CustomerGuard implements CanActivate {
  readonly #open = new WeakMap<object, Map<unknown, boolean>>();

  constructor(
    private readonly verifier: TokenVerifier,
    private readonly reflector: Reflector,
  ) {}

  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    if (context.getType() !== 'http' || this.#isOpen(context)) return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const token = bearerToken(request);
    const known = this.verifier.known(token);
    if (known === undefined) return this.verifier.verify(token).then((identity) => this.admit(request, identity));
    return this.admit(request, known);
  }

  protected admit(request: AuthenticatedRequest, identity: Identity): boolean {
    request.identity = identity;
    return true;
  }

  #isOpen(context: ExecutionContext): boolean {
    const [handler, controller] = [context.getHandler(), context.getClass()];
    const routes = this.#open.get(controller) ?? new Map<unknown, boolean>();
    this.#open.set(controller, routes);
    const known = routes.get(handler);
    if (known !== undefined) return known;
    const open = this.reflector.getAllAndOverride<boolean>(PUBLIC_METADATA, [handler, controller]) ?? false;
    routes.set(handler, open);
    return open;
  }
}

/** Lets callers in whose token has the claim `role: operator`. */
@Injectable()
export class OperatorGuard extends CustomerGuard {
  protected override admit(request: AuthenticatedRequest, identity: Identity): boolean {
    if (identity.operator) return super.admit(request, identity);
    throw new AppError({
      code: 'forbidden',
      kind: 'forbidden',
      message: 'This call needs an operator token (claim role: operator).',
    });
  }
}

function bearerToken({ headers }: AuthenticatedRequest): string {
  const token = BEARER.exec(headers.authorization ?? '')?.[1];
  if (token !== undefined) return token;
  throw new AppError({
    code: 'unauthenticated',
    kind: 'unauthenticated',
    message:
      headers.authorization === undefined
        ? 'There is no token. Send the header Authorization: Bearer <token>.'
        : 'The header Authorization must be: Bearer <token>.',
  });
}
