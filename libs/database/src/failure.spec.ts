import { describe, expect, it } from '@jest/globals';
import {
  isConflict,
  isDoubtfulNotice,
  isServedElsewhere,
  provesRollback,
  SessionLostError,
  sqlStateOf,
} from './failure.js';

const sent = (code: string, severity = 'ERROR'): Error =>
  Object.assign(new Error('from the server'), { code, severity });

describe('classification of failures (R8)', () => {
  it.each<[string, unknown, boolean]>([
    ['a violated constraint', sent('23505'), true],
    ['a deadlock', sent('40P01'), true],
    ['statement completion unknown', sent('40003'), false],
    ['a broken connection', sent('08006'), false],
    ['an administrator who ends the session', sent('57P01', 'FATAL'), false],
    ['the same, said as an error', sent('57P01'), false],
    ['a lost socket', new SessionLostError('connection-lost', 'pg-1'), false],
    ['no answer', new SessionLostError('no-answer', 'pg-1'), false],
    ['a socket error with a code', Object.assign(new Error('reset'), { code: 'ECONNRESET' }), false],
  ])('%s proves rollback: %#', (_, error, proves) => expect(provesRollback(error)).toBe(proves));

  it('finds the SQLSTATE inside what TypeORM wraps', () => {
    const wrapped = Object.assign(new Error('QueryFailedError'), { driverError: sent('40001') });
    expect(sqlStateOf(wrapped)).toBe('40001');
    expect(isConflict(wrapped)).toBe(true);
  });

  it('reads elsewhere what a replica cancelled, and nothing else', () => {
    expect(isServedElsewhere(sent('40001'))).toBe(true);
    expect(isServedElsewhere(sent('57014'))).toBe(true);
    expect(isServedElsewhere(sent('22P02'))).toBe(false);
  });

  it('doubts a commit after a warning, not after a notice', () => {
    expect(isDoubtfulNotice('01000')).toBe(true);
    expect(isDoubtfulNotice('00000')).toBe(false);
  });
});
