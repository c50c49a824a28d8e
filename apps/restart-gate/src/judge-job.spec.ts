import { describe, expect, it } from '@jest/globals';
import { type GateJob, gateJob, parseTargets } from '#libs/contracts';
import { DockerDoor } from './docker-door.js';
import { JobAges } from './job-ages.js';
import { type JobCase, refusalOf } from './judge-job.js';

const targets = parseTargets(
  'order-1@seoul=http://order-1:3000,order-2@tokyo=http://order-2:3000,pg-1@seoul=tcp://pg-1:5432,pg-2@seoul=tcp://pg-2:5432',
);
const job: GateJob = { id: '01a20e5e-c995-468f-bfeb-3e4ab1f9cfe2', token: '42', verb: 'restart', target: 'order-1' };
/** A frozen instance whose twin serves, in the present term. */
const good: JobCase = { job, ageMs: 500, leaderToken: '42', targets, answering: new Set(['order-2']) };
const asked = (change: Partial<GateJob>): JobCase => ({ ...good, job: { ...job, ...change } });

describe(refusalOf.name, () => {
  describe('when the leader asks to restart what is dark', () => {
    it('does it', () => expect(refusalOf(good)).toBeUndefined());
    it('does it when both are dark, one after the other', () =>
      expect(refusalOf({ ...good, answering: new Set() })).toBeUndefined());
    it('does it to one that answers while all others do', () =>
      expect(refusalOf({ ...good, answering: new Set(['order-1', 'order-2']) })).toBeUndefined());
    it('starts what has exited, whoever else answers', () =>
      expect(refusalOf({ ...asked({ verb: 'start' }), answering: new Set() })).toBeUndefined());
  });

  describe('when anything is off', () => {
    it.each<[string, JobCase]>([
      ['a lower token', { ...good, leaderToken: '43' }],
      ['a token nobody has yet', { ...good, leaderToken: '41' }],
      ['no leader', { ...good, leaderToken: undefined }],
      ['an old job', { ...good, ageMs: 3_001 }],
      ['a job from before our first look', { ...good, ageMs: Number.POSITIVE_INFINITY }],
      ['a stranger', asked({ target: 'dockerd' })],
      ['the last one that answers', { ...good, answering: new Set(['order-1']) }],
      ['a start of a stranger', asked({ verb: 'start', target: 'dockerd' })],
      ['a start by a lower token', { ...asked({ verb: 'start' }), leaderToken: '43' }],
      ['a switchover of a service', asked({ verb: 'switchover' })],
    ])('refuses %s', (_, one) => expect(refusalOf(one)).toEqual(expect.any(String)));
  });
});

describe('what can be asked for at all', () => {
  it.each([
    { ...job, verb: 'exec' },
    { ...job, verb: 'inspect' },
    { ...job, verb: 'stop' },
    { ...job, verb: 'kill' },
    { ...job, target: '../images/prune' },
    { ...job, target: 'order-1/exec' },
    { ...job, target: 'order-1?t=9' },
    { ...job, target: '' },
    { ...job, token: '-1' },
    { ...job, extra: 'HostConfig' },
    { ...job, id: '1' },
  ])('does not include %j', (one) => expect(gateJob.safeParse(one).success).toBe(false));
});

describe(DockerDoor.name, () => {
  it.each(['a/../../images', 'a?t=1', 'a b', '', 'A', '../x'])('never sends %j to the engine', async (name) => {
    await expect(new DockerDoor('/nowhere').restart(name)).rejects.toThrow("is no container's name");
    await expect(new DockerDoor('/nowhere').start(name)).rejects.toThrow("is no container's name");
  });
});

describe(JobAges.name, () => {
  it('trusts no job that was there before the first look', () => {
    const ages = new JobAges();
    ages.see(['a'], 1_000);
    expect(ages.ageMs('a', 1_001)).toBe(Number.POSITIVE_INFINITY);
  });

  it('takes a new job for as old as the last look without it', () => {
    const ages = new JobAges();
    ages.see([], 1_000);
    ages.see(['a'], 1_500);
    ages.see(['a'], 2_000);
    expect(ages.ageMs('a', 2_100)).toBe(1_100);
  });

  it('takes what it found after a freeze for as old as the freeze', () => {
    const ages = new JobAges();
    ages.see([], 1_000);
    ages.see(['a'], 9_000);
    expect(ages.ageMs('a', 9_010)).toBe(8_010);
  });
});
