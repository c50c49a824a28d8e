import { z } from 'zod';

/** Media type of every error answer. */
export const PROBLEM_CONTENT_TYPE = 'application/problem+json';

/**
 * Body of every error answer; 409 in flight, 429 and 503 come with `Retry-After`.
 * @see https://www.rfc-editor.org/rfc/rfc9457 Problem Details for HTTP APIs
 */
export const problem = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  detail: z.string().optional(),
  code: z.string(),
  correlationId: z.string(),
});
/** @see problem */
export type Problem = z.infer<typeof problem>;
