export * from './event-bus.js';
export * from './messaging.config.js';
export * from './poison.js';
