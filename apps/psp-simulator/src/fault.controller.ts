import { Body, Controller, Delete, Get, HttpCode, Param, Put, UseGuards } from '@nestjs/common';
import { type PspFaultBody, type PspFaultName, pspFaultBody, pspFaultName } from '#libs/contracts';
import { OperatorGuard } from '#libs/security';
import { Faults } from './faults.js';

/** Breaks the provider on purpose, for a while. Operators only. */
@UseGuards(OperatorGuard)
@Controller('faults')
export class FaultController {
  constructor(private readonly faults: Faults) {}

  @Get()
  list(): { items: ReturnType<Faults['list']> } {
    return { items: this.faults.list() };
  }

  @Put(':name')
  @HttpCode(204)
  switchOn(
    @Param('name', { schema: pspFaultName }) name: PspFaultName,
    @Body({ schema: pspFaultBody }) body: PspFaultBody,
  ): void {
    this.faults.switchOn(name, body);
  }

  @Delete(':name')
  @HttpCode(204)
  switchOff(@Param('name', { schema: pspFaultName }) name: PspFaultName): void {
    this.faults.switchOff(name);
  }
}
