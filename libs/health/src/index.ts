export { HealthModule } from './health.module.js';
export * from './probe.js';
export { ProbeRunner } from './probe-runner.js';
export { PUBLIC_METADATA } from './public-route.js';
