/** Schema of this service; its tables are named without it, because it comes first in the search path of every session. */
export const SCHEMA = 'orders';
