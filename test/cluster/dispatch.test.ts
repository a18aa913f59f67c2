/** Tasks as jobs: a failure is seen behind any number of those of others, and no task is dropped by a folder that cannot be read. */
import { expect, it } from 'vitest';
import { type Attending, attend } from '../../src/cluster/attend.js';
import { Dispatch } from '../../src/cluster/dispatch.js';
import { type JobData, type Origin, payloadOf } from '../../src/cluster/jobs.js';

const origin: Origin = { kind: 'trial', digest: 'ab'.repeat(32) };

interface FakeJob {
  readonly data: JobData;
  readonly failedReason: string;
  remove(): Promise<void>;
}

/** A server that keeps its jobs in memory; `there` are the keys of those that wait. */
function fake(doneOf: (number: number) => Promise<string | undefined>) {
  const failed: FakeJob[] = [];
  const there = new Set<string>();
  const notices: string[] = [];
  const done: number[] = [];
  const fail = (data: JobData, failedReason: string) => {
    const job: FakeJob = {
      ...{ data, failedReason },
      async remove() {
        failed.splice(failed.indexOf(job), 1);
        there.delete(`trial-${data.number}`);
      },
    };
    failed.push(job);
  };
  const queue = {
    toKey: (id: string) => id,
    getFailed: async (from: number, to: number) => failed.slice(from, to < 0 ? undefined : to + 1),
    getActive: async () => [],
    async addBulk(jobs: { opts: { jobId: string } }[]) {
      for (const { opts } of jobs) there.add(opts.jobId);
    },
  };
  const pipeline = () => {
    const asked: string[] = [];
    return {
      exists: (key: string) => asked.push(key),
      exec: async () => asked.map((key) => [null, there.has(key) ? 1 : 0]),
    };
  };
  const options = {
    ...{ origin, owner: 'search', worker: 'rxaug worker', times: { look: 1 }, doneOf },
    server: { client: { pipeline } },
    nameOf: (number: number) => `training ${number}`,
    notice: (sentence: string) => notices.push(sentence),
    onDone: (number: number) => done.push(number),
    onProgress() {},
  };
  const dispatch = Reflect.construct(Dispatch, [options, queue]) as Dispatch<string>;
  return { dispatch, fail, there, notices, done };
}

it('sees a failure of its own behind hundreds that are not', async () => {
  const { dispatch, fail, notices } = fake(async () => undefined);
  dispatch.push([7]);
  await dispatch.poll();
  for (let i = 0; i < 250; i++)
    fail(payloadOf({ ...origin, digest: 'f'.repeat(64) }, i), 'of another search');
  fail(payloadOf(origin, 7), 'no memory');
  await dispatch.poll();
  expect(notices).toEqual(['training 7 failed: no memory; it is tried again']);
});

it('keeps a task whose result cannot be read for the moment', async () => {
  let away = true;
  const { dispatch, there, done } = fake(async (number) => {
    if (away) throw new Error('the folder is away');
    return `result ${number}`;
  });
  dispatch.push([1]);
  await dispatch.poll();
  there.clear(); // a worker has finished it
  const error: unknown = await dispatch.poll().catch((failure) => failure);
  const told: string[] = [];
  const queue = {
    ...{ server: { address: { name: 'redis://queue' }, reason: String }, times: { look: 1, patience: -1 } },
    ...{
      signal: new AbortController().signal,
      notice: (sentence: string) => told.push(sentence),
      out: 'out',
    },
  } as unknown as Attending;
  await expect(attend(queue, () => Promise.reject(error))).rejects.toThrow(
    /^the output out has not answered/,
  );
  expect(told).toEqual([
    'the output out does not answer (the folder is away); workers finish what they have',
  ]);
  expect(dispatch.finished).toBe(false);
  away = false;
  await dispatch.poll();
  expect([done, dispatch.finished]).toEqual([[1], true]);
});
