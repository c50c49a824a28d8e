/** Schema of this service; first in the search path of every session. */
export const SCHEMA = 'payments';
