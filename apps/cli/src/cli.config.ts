import { z } from 'zod';
import { config, setting } from '#libs/config';

/** Settings of the command line itself. */
export const twofoldConfig = config('twofold', {
  instance: setting(
    z.int().min(0).max(9),
    0,
    'Which system of this machine: ports are higher by 100 per number, data lies apart. For clones and test runs side by side.',
  ),
});
