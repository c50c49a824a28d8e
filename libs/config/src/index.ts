export * from './inject-config.js';
export * from './load-config.js';
export * from './process-environment.js';
export * from './render-docs.js';
export * from './secret.js';
export * from './section.js';
export * from './setting.js';
