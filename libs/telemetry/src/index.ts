export * from './logger.js';
export * from './logging.config.js';
export * from './registry.metrics.js';
export * from './request-context.js';
export { REDACTED, scrub } from './scrub.js';
export * from './traceparent.js';
