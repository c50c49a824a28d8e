import { SetMetadata } from '@nestjs/common';

/** Metadata key that `@Public()` of `#libs/security` sets, and its guards read. Health needs no token and no security library. */
export const PUBLIC_METADATA = 'twofold.public';

/** Marks routes as open. */
export const PUBLIC_ROUTE = SetMetadata(PUBLIC_METADATA, true);
