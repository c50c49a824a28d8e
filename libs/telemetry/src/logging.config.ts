import { z } from 'zod';
import { config, setting } from '#libs/config';

/** Settings of the log. */
export const loggingConfig = config('log', {
  level: setting(
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']),
    'info',
    'Least severe level that is written.',
  ),
  format: setting(z.enum(['json', 'pretty']), 'json', '`json` for machines, one object per line; `pretty` for people.'),
});
