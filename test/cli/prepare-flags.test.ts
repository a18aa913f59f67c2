/** Options of `rxaug prepare` that have no meaning together are refused, and none is passed over. */
import { expect, it } from 'vitest';
import { checkFlags, type PrepareFlags } from '../../src/cli/prepare/flags.js';

const plain: PrepareFlags = { set: [], workers: 1 };

it.each([
  [{ shard: '0/2', queue: 'redis://a' }, '--shard: workers take their shards from the queue by themselves'],
  [{ shard: '0/2', set: ['size=3'] }, '--shard: the plan says what is rendered; leave out --set'],
  [{ shard: '0/2', seed: 3 }, 'leave out --seed'],
  [{ shard: '0/2', seed: 0 }, 'leave out --seed'],
  [{ dryRun: true, resume: true }, 'leave out --resume'],
  [{ shard: '0/2', memory: 64 }, 'leave out --memory'],
  [{ shard: '0/2', maxRefused: 0 }, 'leave out --max-refused'],
  [
    { dryRun: true, append: true },
    '--dry-run: nothing is written, and all images are counted; leave out --append',
  ],
  [{ planOnly: true, queue: 'redis://a' }, '--plan-only: no shard is rendered; leave out --queue'],
  [{ append: true, retryRefused: true }, 'leave out --retry-refused'],
])('refuses %j', (flags, sentence) => {
  expect(() => checkFlags({ ...plain, ...flags })).toThrow(sentence);
});

it.each([
  [{}],
  [{ shard: '0/2', work: 'w', resume: true }],
  [{ append: true, resume: true, seed: 2 }],
  [{ dryRun: true, seed: 1 }],
])('takes %j', (flags) => {
  expect(() => checkFlags({ ...plain, ...flags })).not.toThrow();
});
