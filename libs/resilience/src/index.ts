export * from './call-policy.config.js';
export * from './call-policy.errors.js';
export * from './call-policy.js';
