import type { ApiResponseOptions } from '@nestjs/swagger';
import { z } from 'zod';
import { orderView, PROBLEM_CONTENT_TYPE, problem, productView } from '#libs/contracts';

/** Cancelling says all in its address: no body, or an empty object. */
export const cancellationBody = z.strictObject({}).nullish();

/** A page of orders, newest first. */
export const orderPage = z.strictObject({ items: z.array(orderView), next: z.string().optional() });
/** A page of products, by SKU. */
export const productPage = z.strictObject({ items: z.array(productView), next: z.string().optional() });

const problemSchema = z.toJSONSchema(problem, { target: 'openapi-3.0' }) as object;

/** An error answer, for the interface description. */
export const problemAnswer = (status: number, description: string): ApiResponseOptions => ({
  status,
  description,
  content: { [PROBLEM_CONTENT_TYPE]: { schema: problemSchema } },
});
