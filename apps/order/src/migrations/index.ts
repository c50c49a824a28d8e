import { CreateOutbox1764000000000 } from './1764000000000-create-outbox.js';
import { CreateShop1764000000001 } from './1764000000001-create-shop.js';
import { CreatePlaceBatch1764000000002 } from './1764000000002-create-place-batch.js';
import { ReadSequenceUnderLock1764000000003 } from './1764000000003-read-sequence-under-lock.js';

/** Every migration of this service, in order. */
export const migrations = [
  CreateOutbox1764000000000,
  CreateShop1764000000001,
  CreatePlaceBatch1764000000002,
  ReadSequenceUnderLock1764000000003,
];
