import { compose } from '#libs/config';
import { authConfig } from '#libs/security';
import { httpConfig, runService, serviceConfig } from '#libs/service-defaults';
import { PspSimulatorModule } from './psp-simulator.module.js';
import { simulatorConfig } from './simulator.config.js';

await runService(PspSimulatorModule, {
  name: 'psp-simulator',
  config: compose({ service: serviceConfig, http: httpConfig, auth: authConfig, simulator: simulatorConfig }),
});
