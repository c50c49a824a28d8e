import { Module, ValidationPipe } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { TypeOrmModule } from '@nestjs/typeorm';
import { compose, loadConfig } from '#libs/config';
import { authConfig, TokenVerifier } from '#libs/security';
import { PeerController, TokenGuard } from './peer.controller.js';
import { entities } from './shop.entity.js';

const { auth } = loadConfig(compose({ auth: authConfig }));

@Module({
  imports: [
    TypeOrmModule.forRoot({
      type: 'postgres',
      url: process.env.PEER_DATABASE_URL ?? '',
      entities,
      synchronize: true,
      extra: { max: 16 },
    }),
  ],
  controllers: [PeerController],
  providers: [TokenGuard, { provide: TokenVerifier, useFactory: () => new TokenVerifier(auth) }],
})
class PeerModule {}

const app = await NestFactory.create(PeerModule, { logger: ['error', 'warn'] });
app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }));
await app.listen(Number(process.env.PEER_PORT), '127.0.0.1');
process.send?.({ ready: true });
process.once('SIGTERM', () => void app.close().then(() => process.exit(0)));
