import { describe, expect, it } from '@jest/globals';
import { readFencingLine } from './fencing-line.js';

const at = { time: '2026-11-27T00:00:01.000Z', service: 'gate-1', site: 'seoul', level: 'warn' };
const atMs = Date.parse(at.time);

describe(readFencingLine.name, () => {
  it('takes a job that a gate has done, under the term of its monitor', () => {
    const line = { ...at, name: 'gate', job: 'x', target: 'order-1', term: '17', outcome: 'done', msg: 'job' };
    const act = { resource: 'gate', token: 17, actor: 'the monitor of term 17', atMs };
    expect(readFencingLine(JSON.stringify(line))).toEqual(act);
    expect(readFencingLine(JSON.stringify({ ...line, outcome: 'too late' }))).toBeUndefined();
  });

  it('takes a decision as a claim of its term by that monitor', () => {
    const line = {
      ...at,
      service: 'monitor-2',
      name: 'decisions',
      action: 'restart',
      term: '17',
      msg: 'order-1 failed',
    };
    expect(readFencingLine(JSON.stringify(line))).toEqual({ resource: 'term 17', token: 17, actor: 'monitor-2', atMs });
  });

  it.each(['', 'not JSON', '{}', '{"name":"gate","msg":"job refused"}'])('leaves out %j', (text) => {
    expect(readFencingLine(text)).toBeUndefined();
  });
});
