import { runService } from '#libs/service-defaults';
import { OrderModule } from './order.module.js';
import { orderApi, orderServiceConfig } from './service.config.js';

await runService(OrderModule, { name: 'order', config: orderServiceConfig, docs: orderApi });
