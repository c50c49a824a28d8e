import { importJWK, type JWK, SignJWT } from 'jose';
import { AppError } from '#libs/errors';
import { assertSubject } from './identity.js';
import { TOKEN_ALGORITHM } from './keys.js';

/** What a token says. */
export type TokenRequest = {
  /** Customer id, 1 to 64 of `A-Za-z0-9._@:-`. */
  readonly subject: string;
  /** @default 'customer' */
  readonly role?: 'customer' | 'operator';
  /** @default 43200 (12 h) */
  readonly expiresInSeconds?: number;
  /** @default 'twofold' */
  readonly issuer?: string;
  /** @default 'twofold' */
  readonly audience?: string;
};

const HALF_A_DAY_SECONDS = 43_200;

/** Signs tokens with one key, read once: `createTokenSigner(jwkText)` then `sign({ subject })` as often as needed. */
export async function createTokenSigner(privateJwk: string): Promise<(request: TokenRequest) => Promise<string>> {
  const { key, keyId } = await readKey(privateJwk);
  return (request) => {
    assertSubject(request.subject);
    const nowSeconds = Math.floor(Date.now() / 1000);
    const { role, expiresInSeconds = HALF_A_DAY_SECONDS, issuer = 'twofold', audience = 'twofold' } = request;
    return new SignJWT(role === 'operator' ? { role } : {})
      .setProtectedHeader({ alg: TOKEN_ALGORITHM, typ: 'JWT', ...(keyId !== undefined && { kid: keyId }) })
      .setSubject(request.subject)
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt(nowSeconds)
      .setExpirationTime(nowSeconds + expiresInSeconds)
      .sign(key);
  };
}

/** Signs one token. @throws AppError `key-invalid`, `invalid-request` for a subject no service would accept */
export async function signToken(privateJwk: string, request: TokenRequest): Promise<string> {
  const sign = await createTokenSigner(privateJwk);
  return sign(request);
}

async function readKey(text: string) {
  try {
    const jwk = JSON.parse(text) as JWK;
    return { key: await importJWK(jwk, TOKEN_ALGORITHM), keyId: jwk.kid };
  } catch (error) {
    throw new AppError({
      code: 'key-invalid',
      kind: 'bug',
      message: `The signing key is not an ES256 JWK: ${(error as Error).message}.`,
      cause: error,
    });
  }
}
