import { z } from 'zod';
import { config, setting } from '#libs/config';

/** How bearer tokens are checked. */
export const authConfig = config('auth', {
  jwksFile: setting.optional(
    z.string().min(1),
    'File with the public keys (JWKS) that sign tokens; or set AUTH_JWKS_URL.',
  ),
  jwksUrl: setting.optional(
    z.url({ protocol: /^https?$/ }),
    'Address of the public keys (JWKS) that sign tokens; or set AUTH_JWKS_FILE.',
  ),
  issuer: setting(z.string().min(1), 'twofold', 'Who must have issued a token (`iss`).'),
  audience: setting(z.string().min(1), 'twofold', 'Whom a token must be meant for (`aud`).'),
  clockToleranceSeconds: setting(
    z.int().min(0).max(60),
    0,
    'How far the clock of the issuer may differ when a token begins or expires.',
  ),
});
