import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { createKeyPair, type KeyPair, signToken, TokenVerifier } from './index.js';
import { TokenCache } from './token-cache.js';

const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const claims = { sub: 'c', iss: 'twofold', aud: 'twofold', exp: 4e9 };

describe(TokenVerifier.name, () => {
  const folder = mkdtempSync(join(tmpdir(), 'twofold-keys-'));
  const jwksFile = join(folder, 'jwks.json');
  let keys: KeyPair;
  let stranger: KeyPair;
  let verifier: TokenVerifier;

  beforeAll(async () => {
    [keys, stranger] = await Promise.all([createKeyPair('k1'), createKeyPair('k1')]);
    writeFileSync(jwksFile, keys.publicJwks);
    verifier = new TokenVerifier({
      jwksFile,
      jwksUrl: undefined,
      issuer: 'twofold',
      audience: 'twofold',
      clockToleranceSeconds: 5,
    });
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  describe('when the token is ours', () => {
    it('names the customer, and remembers it', async () => {
      const token = await signToken(keys.privateJwk, { subject: 'ann@example.org' });
      expect(verifier.known(token)).toBeUndefined();
      expect(await verifier.verify(token)).toEqual({ customerId: 'ann@example.org', operator: false });
      expect(verifier.known(token)).toEqual({ customerId: 'ann@example.org', operator: false });
    });

    it('knows an operator by the role', async () => {
      const token = await signToken(keys.privateJwk, { subject: 'ops', role: 'operator' });
      expect(await verifier.verify(token)).toEqual({ customerId: 'ops', operator: true });
    });
  });

  describe('when the token is not good', () => {
    const hmacSigned = () =>
      new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.from(keys.publicJwks));
    const tampered = async () => {
      const [head, , signature] = (await signToken(keys.privateJwk, { subject: 'ann' })).split('.');
      return `${head}.${base64({ ...claims, sub: 'bob' })}.${signature}`;
    };
    it.each<[string, () => string | Promise<string>, RegExp]>([
      ['alg none', () => `${base64({ alg: 'none' })}.${base64(claims)}.`, /ES256/],
      ['the public key as an HMAC secret', hmacSigned, /ES256/],
      ['another key under the same id', () => signToken(stranger.privateJwk, { subject: 'c' }), /not signed by a key/],
      ['changed claims', tampered, /not signed by a key/],
      ['another audience', () => signToken(keys.privateJwk, { subject: 'c', audience: 'x' }), /aud must be "twofold"/],
      ['another issuer', () => signToken(keys.privateJwk, { subject: 'c', issuer: 'x' }), /iss must be "twofold"/],
      ['an expired one', () => signToken(keys.privateJwk, { subject: 'c', expiresInSeconds: -60 }), /expired/],
      ['not a JWT', () => 'a.b.c', /well-formed/],
      ['an endless one', () => 'a'.repeat(5000), /4096/],
    ])('refuses %s with a reason', async (_, make, reason) => {
      const token = await make();
      await expect(verifier.verify(token)).rejects.toMatchObject({
        code: 'unauthenticated',
        message: expect.stringMatching(reason),
      });
      expect(verifier.known(token)).toBeUndefined();
    });

    it('refuses a subject that could not be stored or logged as it is', async () => {
      await expect(signToken(keys.privateJwk, { subject: 'a\u0000b' })).rejects.toMatchObject({
        code: 'invalid-request',
      });
    });
  });
});

describe(TokenCache.name, () => {
  const ann = { customerId: 'ann', operator: false };

  describe('when a token has expired', () => {
    it('forgets it', () => {
      const cache = new TokenCache();
      cache.set('hash', ann, 1000);
      expect(cache.get('hash', 999)).toBe(ann);
      expect(cache.get('hash', 1000)).toBeUndefined();
      expect(cache.size).toBe(0);
    });
  });

  describe('when it is full', () => {
    it('drops the oldest instead of growing', () => {
      const cache = new TokenCache(2);
      for (const key of ['a', 'b', 'c']) cache.set(key, ann, 1000);
      expect([cache.size, cache.get('a', 0), cache.get('c', 0)]).toEqual([2, undefined, ann]);
    });
  });
});
