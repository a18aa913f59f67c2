/** The watchdog of a worker: new connections where jobs wait and none comes, and an end where that does not help. */
import { expect, it } from 'vitest';
import { Puller } from '../../src/cluster/puller.js';

it('makes new connections three times, and then gives up; a job that comes begins the count anew', async () => {
  const workers: { take: (job: unknown) => Promise<void>; closed: boolean }[] = [];
  class Deaf {
    closed = false;
    constructor(
      readonly name: string,
      readonly take: (job: unknown) => Promise<void>,
    ) {
      workers.push(this);
    }
    on() {
      return this;
    }
    async close() {
      this.closed = true;
    }
  }
  const notices: string[] = [];
  const options = {
    server: { address: { name: 'redis://h:6379/0', options: {} }, client: { llen: async () => 3 } },
    times: { lock: 1000, stalled: 1000, look: 1, stuck: 2, patience: 1000 },
    notice: (sentence: string) => notices.push(sentence),
  };
  const puller = Reflect.construct(Puller, [
    ...[{ kind: 'shard', digest: 'ab'.repeat(32) }, options, 1],
    ...[async () => {}, Deaf],
  ]) as Puller;
  const polls = async (ends: () => boolean) => {
    while (!ends()) {
      await puller.poll();
      await new Promise((done) => setTimeout(done, 1));
    }
  };
  await polls(() => workers.length === 3);
  await workers[2]?.take({});
  await polls(() => workers.length === 6);
  expect(workers.slice(0, 5).every(({ closed }) => closed)).toBe(true);
  await expect(polls(() => false)).rejects.toThrow(
    'worker: 3 jobs wait at redis://h:6379/0, and 3 new connections got none of them; start the worker again',
  );
  expect(workers.length).toBe(6);
  expect(notices.length).toBe(5);
  expect(notices[0]).toMatch(/^3 jobs wait and none has come for \d+ s; connecting anew$/);
});
