import { z } from 'zod';
import { type ConfigOf, config, setting } from '#libs/config';
import { INBOX_KEEP_DAYS, OUTBOX_KEEP_DAYS } from './outbox-schema.sql.js';

/** How long sent and received events are remembered. Read by the migrations, which run at every start. */
export const retentionConfig = config('retention', {
  outboxDays: setting(
    z.int().min(1).max(365),
    OUTBOX_KEEP_DAYS,
    'Full days an outbox row stays, at least; its day goes only when every lane has sent it.',
  ),
  inboxDays: setting(
    z.int().min(INBOX_KEEP_DAYS).max(3_653),
    INBOX_KEEP_DAYS,
    'Full days an event is remembered, so that it works once; longer than the week that topics keep it.',
  ),
});

/** Days by table, as `migrate` wants them. */
export const outboxKeepDays = ({ outboxDays, inboxDays }: ConfigOf<typeof retentionConfig>) => ({
  outbox: outboxDays,
  inbox: inboxDays,
});
