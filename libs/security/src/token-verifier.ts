import { readFileSync } from 'node:fs';
import { Injectable } from '@nestjs/common';
import { createLocalJWKSet, createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { type ConfigOf, InjectConfig } from '#libs/config';
import { AppError } from '#libs/errors';
import { authConfig } from './auth.config.js';
import { type Identity, isSubject } from './identity.js';
import { parseKeySet, TOKEN_ALGORITHM } from './keys.js';
import { hashOf, TokenCache } from './token-cache.js';

/** Longest token that is looked at, in characters. */
const MAX_TOKEN = 4096;
const REMOTE_TIMEOUT_MS = 2000;

/** Checks bearer tokens. */
@Injectable()
export class TokenVerifier {
  readonly #cache = new TokenCache();
  readonly #keys: JWTVerifyGetKey;

  constructor(@InjectConfig(authConfig) private readonly auth: ConfigOf<typeof authConfig>) {
    this.#keys = keysOf(auth);
  }

  /** Who a token that was verified before belongs to: the hot path, without a promise. */
  known(token: string): Identity | undefined {
    return this.#cache.get(hashOf(token), Date.now());
  }

  /**
   * Who the token belongs to.
   * @throws AppError `unauthenticated` saying what is wrong with it; `unavailable` when the keys cannot be fetched
   */
  async verify(token: string): Promise<Identity> {
    const key = hashOf(token);
    const cached = this.#cache.get(key, Date.now());
    if (cached) return cached;
    if (token.length > MAX_TOKEN) throw unauthenticated(`The token is longer than ${MAX_TOKEN} characters.`);
    const payload = await this.#check(token);
    const identity = identityOf(payload);
    this.#cache.set(key, identity, (payload.exp ?? 0) * 1000);
    return identity;
  }

  async #check(token: string): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, this.#keys, {
        algorithms: [TOKEN_ALGORITHM],
        issuer: this.auth.issuer,
        audience: this.auth.audience,
        clockTolerance: this.auth.clockToleranceSeconds,
        requiredClaims: ['sub', 'exp'],
      });
      return payload;
    } catch (error) {
      throw rejection(error, this.auth);
    }
  }
}

function keysOf(auth: ConfigOf<typeof authConfig>): JWTVerifyGetKey {
  if (auth.jwksUrl !== undefined) {
    return createRemoteJWKSet(new URL(auth.jwksUrl), { timeoutDuration: REMOTE_TIMEOUT_MS });
  }
  if (auth.jwksFile === undefined) {
    throw new AppError({
      code: 'config-invalid',
      kind: 'bug',
      message: 'No keys to check tokens with. Set AUTH_JWKS_FILE to a key set, or AUTH_JWKS_URL to its address.',
    });
  }
  return createLocalJWKSet(parseKeySet(read(auth.jwksFile), auth.jwksFile));
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new AppError({
      code: 'config-invalid',
      kind: 'bug',
      message: `AUTH_JWKS_FILE=${path} cannot be read: ${(error as Error).message}.`,
      cause: error,
    });
  }
}

function identityOf(payload: JWTPayload): Identity {
  if (!isSubject(payload.sub)) {
    throw unauthenticated('The claim sub must be a customer id: 1 to 64 letters, digits and . _ @ : -');
  }
  return Object.freeze({ customerId: payload.sub, operator: payload.role === 'operator' });
}

const unauthenticated = (message: string, cause?: unknown): AppError =>
  new AppError({ code: 'unauthenticated', kind: 'unauthenticated', message, cause });

/** What is wrong with a token, in words that help its owner and nobody else. */
function rejection(error: unknown, auth: ConfigOf<typeof authConfig>): AppError {
  if (error instanceof errors.JWTExpired) return unauthenticated('The token has expired. Get a new one.', error);
  if (error instanceof errors.JWTClaimValidationFailed) {
    const wanted = { iss: auth.issuer, aud: auth.audience }[error.claim];
    const hint = wanted === undefined ? 'is missing or not valid yet' : `must be "${wanted}"`;
    return unauthenticated(`The token is not for this system: its claim ${error.claim} ${hint}.`, error);
  }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return unauthenticated(`The token must be signed with ${TOKEN_ALGORITHM}.`, error);
  }
  // jose has no class of its own for an answer other than 200.
  const unreachable = error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError);
  if (unreachable || error.code === 'ERR_JOSE_GENERIC') {
    return new AppError({
      code: 'unavailable',
      kind: 'unavailable',
      message: 'The keys that check tokens cannot be fetched just now. Send the request again.',
      cause: error,
    });
  }
  if (error instanceof errors.JWKSNoMatchingKey || error instanceof errors.JWSSignatureVerificationFailed) {
    return unauthenticated('The token was not signed by a key of this system.', error);
  }
  return unauthenticated('The token is not a well-formed JWT. Send it as Authorization: Bearer <token>.', error);
}
