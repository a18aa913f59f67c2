/** URLs of queues, and that nothing secret of them is shown. */
import { expect, it } from 'vitest';
import { addressOf, redacted } from '../../src/cluster/address.js';
import { jobId, numberOf, type Origin, payloadOf, queueName } from '../../src/cluster/jobs.js';
import { times } from '../../src/cluster/times.js';

it('reads host, port, database, user and password, and TLS', () => {
  expect(addressOf('redis://localhost', {})).toEqual({
    name: 'redis://localhost:6379/0',
    options: { host: 'localhost', port: 6379, db: 0, username: undefined, password: undefined },
  });
  const { name, options } = addressOf('rediss://ann:p%40ss@[::1]:7000/3', {});
  expect(name).toBe('rediss://[::1]:7000/3');
  expect(options).toEqual({ host: '::1', port: 7000, db: 3, username: 'ann', password: 'p@ss', tls: {} });
});

it('takes user and password from the environment where the URL has none', () => {
  const env = { RXAUG_QUEUE_USERNAME: 'bob', RXAUG_QUEUE_PASSWORD: 'secret' };
  expect(addressOf('redis://h', env).options).toMatchObject({ username: 'bob', password: 'secret' });
  expect(addressOf('redis://ann:other@h', env).options).toMatchObject({ username: 'ann', password: 'other' });
});

it.each([
  ['http://h', 'expected redis:// or rediss://'],
  ['redis://u:hun/ter@h', 'expected a URL'],
  ['u:hunter@h:6379', 'expected redis:// or rediss://'],
  ['redis://u:hunter@h/zero', 'expected the number of a database'],
  ['redis://u:hunter@h?timeout=1', 'options behind ? or # are not known'],
  ['redis://u:hunter%zz@h', 'expected % and two digits'],
  ['redis:///0', 'expected'],
])('refuses %s in one sentence without the password', (text, part) => {
  expect(() => addressOf(text, {})).toThrow(part);
  expect(() => addressOf(text, {})).toThrow(/^--queue: [^\n]*; give redis:\/\//);
  expect(() => addressOf(text, {})).not.toThrow(/hun/);
});

it('hides what stands before the @ of a URL, and nothing else', () => {
  expect(redacted('npx rxaug --queue rediss://u:p@h:1/0 --out a@b')).toBe(
    'npx rxaug --queue rediss://***@h:1/0 --out a@b',
  );
});

it('times are seconds of the environment', () => {
  expect(times({}).lock).toBe(30_000);
  expect(times({ RXAUG_QUEUE_LOCK: '3' }).lock).toBe(3000);
  expect(() => times({ RXAUG_QUEUE_STALLED: '0' })).toThrow(
    "RXAUG_QUEUE_STALLED: expected seconds in 0.1..86400 but received '0'",
  );
});

it('names of queues and jobs are what BullMQ takes', () => {
  const shards: Origin = { kind: 'shard', digest: 'ab'.repeat(32) };
  const trials: Origin = { ...shards, kind: 'trial' };
  expect([queueName(shards), jobId(shards, 7)]).toEqual(['prepare-abababababababab', 'shard-7']);
  expect([queueName(trials), jobId(trials, 7)]).toEqual(['search-abababababababab', 'trial-7']);
});

it('of a payload only the number of a task of this plan or search is taken', () => {
  const origin: Origin = { kind: 'trial', digest: 'ab'.repeat(32) };
  const job = payloadOf(origin, 3);
  expect(numberOf(job, origin)).toBe(3);
  expect(numberOf(job, origin, 4)).toBe(3);
  for (const [given, sentence] of [
    [undefined, 'expected a job { kind, of, number } but received undefined'],
    [{ ...job, dir: '/etc' }, 'expected a job { kind, of, number } but received {'],
    [{ ...job, number: '3' }, 'expected a job { kind, of, number } but received {'],
    [{ ...job, kind: 'shard' }, "expected a trial but received 'shard'"],
    [{ ...job, of: 'cd'.repeat(32) }, "of the search abababababab but it is of 'cdcdcdcdcdcd'"],
    [{ ...job, number: -1 }, 'expected a trial from 0 on but received -1'],
    [{ ...job, number: 0.5 }, 'expected a trial from 0 on but received 0.5'],
  ] as const)
    expect(() => numberOf(given, origin)).toThrow(sentence);
  expect(() => numberOf(job, origin, 3)).toThrow(
    'queue: expected a trial in 0..2 but received 3; enqueue by rxaug search --queue only',
  );
});
