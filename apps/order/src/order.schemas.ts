import type { ApiResponseOptions } from '@nestjs/swagger';
import { z } from 'zod';
import { orderView, problem, productView } from '#libs/contracts';

/** Cancelling says all in its address: no body, or an empty object. */
export const cancellationBody = z.strictObject({}).nullish();

/** A page of orders, newest first. */
export const orderPage = z.strictObject({ items: z.array(orderView), next: z.string().optional() });
/** A page of products, by SKU. */
export const productPage = z.strictObject({ items: z.array(productView), next: z.string().optional() });

/** An error answer, for the interface description. */
export const problemAnswer = (status: number, description: string): ApiResponseOptions => ({
  status,
  description,
  standardSchema: problem,
});
