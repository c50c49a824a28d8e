import { compose } from '#libs/config';
import { databaseConfig } from '#libs/database';
import { busConfig } from '#libs/messaging';
import { registryConfig } from '#libs/registry';
import { authConfig } from '#libs/security';
import { httpConfig, runService, serviceConfig } from '#libs/service-defaults';
import { HealthMonitorModule } from './health-monitor.module.js';
import { monitorConfig } from './monitor.config.js';

await runService(HealthMonitorModule, {
  name: 'monitor',
  config: compose({
    service: serviceConfig,
    http: httpConfig,
    auth: authConfig,
    database: databaseConfig,
    registry: registryConfig,
    bus: busConfig,
    monitor: monitorConfig,
  }),
});
