export * from './call-policy.js';
export * from './call-policy.config.js';
export * from './call-policy.errors.js';
