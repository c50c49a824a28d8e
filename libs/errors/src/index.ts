export * from './app-error.js';
export * from './catalogue.js';
export * from './errors-doc.js';
export * from './kind.js';
