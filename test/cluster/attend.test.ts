/** Outages while a queue is followed: each is blamed on what is away, the queue's server or the output. */
import { expect, it } from 'vitest';
import { type Attending, attend, unreadable } from '../../src/cluster/attend.js';
import { AwayError } from '../../src/core/files/away-error.js';
import { RxaugError } from '../../src/core/index.js';

/** Rounds that throw these one after another, then end. */
async function notices(failures: readonly unknown[], patience = 1e9) {
  const told: string[] = [];
  const options = {
    server: { address: { name: 'redis://queue' }, reason: (error: unknown) => (error as Error).message },
    times: { look: 1, patience },
    signal: new AbortController().signal,
    notice: (sentence: string) => told.push(sentence),
    out: '/mnt/out',
  } as unknown as Attending;
  const left = [...failures];
  const ended = await attend(options, async () => {
    const failure = left.shift();
    if (failure) throw failure;
    return left.length === 0;
  }).catch((error) => error);
  return { told, ended };
}

const stale = () =>
  unreadable(Object.assign(new Error('ESTALE: stale file handle, stat'), { code: 'ESTALE' }));
const refused = () => new Error('connect ECONNREFUSED');

it('the output is told from the server, each once, and each when it is back', async () => {
  const { told } = await notices([stale(), stale(), undefined, refused(), refused(), stale(), undefined]);
  expect(told).toEqual([
    'the output /mnt/out does not answer (ESTALE: stale file handle, stat); workers finish what they have',
    'the output /mnt/out answers again',
    'redis://queue does not answer (connect ECONNREFUSED); workers finish what they have',
    'the output /mnt/out does not answer (ESTALE: stale file handle, stat); workers finish what they have',
    'the output /mnt/out answers again',
  ]);
});

it('a bucket that is away is an output that is away', async () => {
  const away = new AwayError(
    's3://bucket/out/a',
    'nothing answers at the endpoint (ECONNREFUSED)',
    'check the endpoint',
  );
  expect((await notices([unreadable(away), undefined])).told).toEqual([
    'the output /mnt/out does not answer (nothing answers at the endpoint (ECONNREFUSED)); workers finish what they have',
    'the output /mnt/out answers again',
  ]);
});

it('the end of patience names it too; what is a sentence already ends at once', async () => {
  const { ended } = await notices([stale()], -1);
  expect(ended).toBeInstanceOf(RxaugError);
  expect(ended.message).toBe(
    'the output /mnt/out has not answered for 0 s (ESTALE: stale file handle, stat); bring it back, then continue with --resume',
  );
  const sentence = new RxaugError('s3://bucket/out: access is denied; check the credentials');
  expect(unreadable(sentence)).toBe(sentence);
  expect(await notices([sentence])).toEqual({ told: [], ended: sentence });
});
