import { Inject } from '@nestjs/common';
import type { AnyConfigSection } from './section.js';

/** Injects a section's values: `constructor(@InjectConfig(relayConfig) private readonly config: ConfigOf<typeof relayConfig>)`. */
export function InjectConfig(section: AnyConfigSection): ParameterDecorator & PropertyDecorator {
  return Inject(section.token);
}
