import { Catch, type RpcExceptionFilter, UseFilters } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { PATTERN_METADATA } from '@nestjs/microservices/constants.js';
import { type Observable, throwError } from 'rxjs';

/** Passes a handler's error on as it is: Nest would replace it by "Internal server error", which no rule can judge. */
@Catch()
export class KeepErrorsFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}

/**
 * Puts {@link KeepErrorsFilter} on every message handler there is. By metadata, because global filters do not apply to
 * handlers that are bound when the transport is connected. Filters of a handler's own come first.
 */
export function keepErrorsOf(modules: ModulesContainer): void {
  for (const module of modules.values()) {
    for (const { metatype } of module.controllers.values()) {
      if (typeof metatype === 'function') keepErrors(metatype.prototype as object);
    }
  }
}

const MARK = Symbol.for('twofold.keep-errors');

function keepErrors(prototype: object): void {
  for (const name of Object.getOwnPropertyNames(prototype)) {
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name);
    const method: unknown = descriptor?.value;
    if (typeof method !== 'function' || !Reflect.hasMetadata(PATTERN_METADATA, method)) continue;
    if (Reflect.hasOwnMetadata(MARK, method)) continue;
    Reflect.defineMetadata(MARK, true, method);
    UseFilters(new KeepErrorsFilter())(prototype, name, descriptor as PropertyDescriptor);
  }
}
