export * from './disarmed.js';
