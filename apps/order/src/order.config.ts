import { z } from 'zod';
import { config, setting } from '#libs/config';

/** How orders are let in, merged, read and followed up. */
export const orderConfig = config('order', {
  batchMaxOrders: setting(z.int().min(1).max(512), 128, 'Most orders merged into one call of the database.'),
  batchLingerMs: setting(z.int().min(0).max(50), 1, 'Wait after a batch returned before the next one is sent.'),
  inFlightWaitMs: setting(
    z.int().min(0).max(10_000),
    2_000,
    'How long an order waits for another request with its key before it answers 409 (R3).',
  ),
  patienceMs: setting(z.int().min(0).max(30_000), 8_000, 'How long a placement waits for a primary (R11).'),
  admissionMaxOrders: setting(z.int().min(64).max(20_000), 2_048, 'Most orders that wait or are being placed at once.'),
  admissionTargetWaitMs: setting(
    z.int().min(10).max(5_000),
    100,
    'Under overload, orders are let in only as fast as they are placed within this wait; the rest answer 429.',
  ),
  admissionBurstMs: setting(
    z.int().min(0).max(10_000),
    500,
    'A queue above the target wait for longer than this is overload; a shorter one is a burst.',
  ),
  rateLimit: setting(z.int().min(1).max(1_000_000), 1_000, 'Most calls of one customer per window.'),
  rateWindowMs: setting(z.int().min(100).max(3_600_000), 10_000, 'Length of that window.'),
  catalogueMaxAgeMs: setting(
    z.int().min(0).max(900),
    500,
    'Products in memory older than this are read again before they are shown; with replica lag that stays under 1 s.',
  ),
  freshReadMs: setting(
    z.int().min(0).max(600_000),
    10_000,
    'Orders younger than this, and orders that are not final, are read from the primary.',
  ),
  settlementIntervalMs: setting(z.int().min(100).max(600_000), 15_000, 'How often payment is asked again (R21).'),
  settlementAfterMs: setting(
    z.int().min(0).max(600_000),
    30_000,
    'Orders PLACED for longer than this are asked about.',
  ),
  gapWaitMs: setting(
    z.int().min(0).max(60_000),
    3_000,
    'How long a payment event waits for an earlier one before it is applied without it (R15).',
  ),
});
