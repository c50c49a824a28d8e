import { compose } from '#libs/config';
import { registryConfig } from '#libs/registry';
import { httpConfig, runService, serviceConfig } from '#libs/service-defaults';
import { gateConfig } from './gate.config.js';
import { RestartGateModule } from './restart-gate.module.js';

await runService(RestartGateModule, {
  name: 'gate',
  config: compose({ service: serviceConfig, http: httpConfig, registry: registryConfig, gate: gateConfig }),
});
