import { Global, Module } from '@nestjs/common';
import { CustomerGuard, OperatorGuard } from './access.guard.js';
import { TokenVerifier } from './token-verifier.js';

/** Provides the token verifier and the guards. The service must compose `authConfig`. */
@Global()
@Module({
  providers: [TokenVerifier, CustomerGuard, OperatorGuard],
  exports: [TokenVerifier, CustomerGuard, OperatorGuard],
})
export class SecurityModule {}
