export * from './access.guard.js';
export * from './auth.config.js';
export { type Identity, isSubject } from './identity.js';
export { createKeyPair, type KeyPair, TOKEN_ALGORITHM } from './keys.js';
export { SecurityModule } from './security.module.js';
export * from './sign-token.js';
export { MAX_CACHED_TOKENS } from './token-cache.js';
export { TokenVerifier } from './token-verifier.js';
export * from './webhook-signature.js';
