import { type ArgumentMetadata, Injectable, StandardSchemaValidationPipe } from '@nestjs/common';
import { AppError } from '#libs/errors';

type Issue = { readonly message: string; readonly path?: ReadonlyArray<PropertyKey | { readonly key: PropertyKey }> };
type FieldError = { readonly field: string; readonly message: string };

/** Faults named in one answer; a body of 64 kB can have thousands. */
const MAX_NAMED = 20;

/**
 * Checks whatever has a schema (`@Body({ schema })`, `@Query({ schema })`, `@Param('sku', { schema })`) and names each
 * field that is off. Synchronous schemas are checked without a promise of their own: this is the hot path.
 */
@Injectable()
export class ContractValidationPipe extends StandardSchemaValidationPipe {
  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    const { schema } = metadata;
    if (!schema || !this.toValidate(metadata)) return value;
    // Fastify refuses bodies with such keys already, and what it parses is nobody else's.
    if (metadata.type !== 'body') this.stripProtoKeys(value);
    const checked = schema['~standard'].validate(value);
    const result = checked instanceof Promise ? await checked : checked;
    if (result.issues) throw invalidRequest(result.issues, placeOf(metadata));
    return result.value as T;
  }
}

function placeOf({ type, data }: ArgumentMetadata): string {
  if (data) return data;
  return type === 'query' ? 'query' : 'body';
}

/** The answer to a request whose fields break their contract. */
function invalidRequest(issues: readonly Issue[], place: string): AppError {
  const named = issues.slice(0, MAX_NAMED).map((issue) => fieldError(issue, place));
  const more = issues.length > MAX_NAMED ? ` And ${issues.length - MAX_NAMED} more.` : '';
  const detail = named.map(({ field, message }) => `${field}: ${message}`).join('; ');
  return new AppError({
    code: 'invalid-request',
    kind: 'invalid',
    message: `${detail}.${more}`,
    details: { errors: named },
  });
}

function fieldError(issue: Issue, place: string): FieldError {
  const path = (issue.path ?? []).map((part) => String(typeof part === 'object' ? part.key : part)).join('.');
  return { field: path === '' ? place : path, message: wording(issue.message) };
}

/** zod's words, except where a client would have to know zod. */
function wording(message: string): string {
  const missing = /^Invalid input: expected (.+), received undefined$/.exec(message);
  if (missing) return `is missing; send ${article(missing[1] ?? 'value')}`;
  return message
    .replace(/^Invalid input: e/, 'e')
    .replace(/^Unrecognized key/, 'unknown field')
    .slice(0, 300);
}

const article = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
