import { CreateOutbox1764000000000 } from './0000-outbox.js';
import { CreatePayments1764000000001 } from './0001-payments.js';
import { ReadSequenceUnderLock1764000000002 } from './0002-read-sequence-under-lock.js';

/** Migrations of the schema `payments`, in order. */
export const migrations = [CreateOutbox1764000000000, CreatePayments1764000000001, ReadSequenceUnderLock1764000000002];
