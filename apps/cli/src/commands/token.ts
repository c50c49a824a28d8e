import { type Command, InvalidArgumentError } from 'commander';
import { AppError } from '#libs/errors';
import { createTokenSigner, type TokenRequest } from '#libs/security';
import { currentInstance } from '../lite/instance.js';
import { readSecret } from '../lite/secrets.js';

const UNIT_SECONDS = { s: 1, m: 60, h: 3_600, d: 86_400 } as const;
const MAX_TOKENS = 100_000;
const MAX_EXPIRY_SECONDS = 3_650 * UNIT_SECONDS.d;

type TokenOptions = { customer?: string; expiresIn: number; count: number; operator?: boolean };

export function registerToken(program: Command): void {
  program
    .command('token')
    .description('Print a bearer token')
    .option('--customer <id>', 'whose token: 1 to 64 of A-Za-z0-9._@:-')
    .option('--expires-in <time>', 'lifetime: seconds, or with a unit as in 30m, 12h, 7d', parseDuration, 43_200)
    .option('--count <n>', 'that many tokens, one a line, for customers <id>-1 to <id>-<n>', parseCount, 1)
    .option('--operator', 'a token that may also switch faults of the provider simulators')
    .addHelpText(
      'after',
      `
Examples:
  TOKEN=$(./twofold token --customer ada)
  ./twofold token --customer load --count 1000 > tokens.txt
  curl -X PUT -H "Authorization: Bearer $(./twofold token --operator)" …`,
    )
    .action(async (options: TokenOptions) => {
      const sign = await createTokenSigner(readSecret(currentInstance(), 'token-key.json'));
      for (const request of tokenRequests(options)) process.stdout.write(`${await sign(request)}\n`);
    });
}

function* tokenRequests({ customer, expiresIn, count, operator }: TokenOptions): Generator<TokenRequest> {
  const subject = customer ?? (operator === true ? 'operator' : undefined);
  if (subject === undefined)
    throw new AppError({
      code: 'invalid-request',
      kind: 'invalid',
      message: 'Say whose token: --customer <id>, or --operator.',
    });
  const role = operator === true ? 'operator' : 'customer';
  if (count === 1) yield { subject, role, expiresInSeconds: expiresIn };
  else for (let n = 1; n <= count; n += 1) yield { subject: `${subject}-${n}`, role, expiresInSeconds: expiresIn };
}

/** Seconds; negative ones make a token that has expired already, for tests of that. */
export function parseDuration(text: string): number {
  const [, number, unit = 's'] = /^(-?\d{1,9})([smhd]?)$/.exec(text) ?? [];
  const seconds = Number(number) * UNIT_SECONDS[(unit || 's') as keyof typeof UNIT_SECONDS];
  if (number === undefined || seconds === 0 || Math.abs(seconds) > MAX_EXPIRY_SECONDS)
    throw new InvalidArgumentError('Use seconds, or a number with s, m, h or d, as in 12h; at most 3650d.');
  return seconds;
}

function parseCount(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 1 || count > MAX_TOKENS)
    throw new InvalidArgumentError(`Use a whole number from 1 to ${MAX_TOKENS}.`);
  return count;
}
