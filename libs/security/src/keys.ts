import { exportJWK, generateKeyPair, type JSONWebKeySet, type JWK } from 'jose';
import { AppError } from '#libs/errors';

/** The one algorithm tokens are signed with. @see https://www.rfc-editor.org/rfc/rfc7518#section-3.4 */
export const TOKEN_ALGORITHM = 'ES256';

/** A signing key and what verifies it, both as text of JSON. */
export type KeyPair = {
  /** Private JWK: readable by who issues tokens only. */
  readonly privateJwk: string;
  /** Public JWKS: for every service. */
  readonly publicJwks: string;
};

/** Creates an ES256 key pair whose `kid` is `keyId`. */
export async function createKeyPair(keyId: string): Promise<KeyPair> {
  const { publicKey, privateKey } = await generateKeyPair(TOKEN_ALGORITHM, { extractable: true });
  const named = { kid: keyId, alg: TOKEN_ALGORITHM, use: 'sig' };
  const publicJwk: JWK = { ...(await exportJWK(publicKey)), ...named };
  const privateJwk: JWK = { ...(await exportJWK(privateKey)), ...named };
  return {
    privateJwk: `${JSON.stringify(privateJwk, null, 2)}\n`,
    publicJwks: `${JSON.stringify({ keys: [publicJwk] }, null, 2)}\n`,
  };
}

/**
 * Reads a key set.
 * @param origin where the text is from, for the message
 * @throws AppError `key-invalid` when it is not a JWKS, or has a private key in it
 */
export function parseKeySet(text: string, origin: string): JSONWebKeySet {
  try {
    const set = JSON.parse(text) as JSONWebKeySet;
    if (!Array.isArray(set.keys) || set.keys.length === 0) throw new Error('it has no keys');
    if (set.keys.some((key) => key.d !== undefined))
      throw new Error('it contains a private key, which must not be here');
    return set;
  } catch (error) {
    throw new AppError({
      code: 'key-invalid',
      kind: 'bug',
      message: `${origin} is not a usable key set: ${(error as Error).message}.`,
      cause: error,
    });
  }
}
