/**
 * Trainings of a search over a real Redis: whatever is killed or lost, policies and figures are those of the pool of one
 * machine, to the bit.
 */
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PREFIX, queueName } from '../../src/cluster/jobs.js';
import { SEARCH, SearchFolder } from '../../src/cluster/search-folder.js';
import { readPlan, writePlan } from '../../src/search/plan.js';
import type { SearchResult } from '../../src/search/result.js';
import { TINY } from '../search/data/tiny-pipeline.js';
import { killAll, pause, Running, until } from './queued.js';
import { RedisServer, withoutRedis } from './redis-server.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-queue-search-'));
/** Trainings of some seconds, so that a kill meets one. */
const EPOCHS = 40;
let redis: RedisServer;

const begin = (...args: readonly string[]) => new Running(args, {}, root);
const at = (...path: string[]) => join(root, ...path);
const search = (out: string, ...more: string[]) =>
  begin(
    ...['search', 'tiny.ts', '--strategy', 'random', '--budget', '1h', '--backend', 'wasm'],
    ...['--set', `epochs=${EPOCHS}`, '--workers', '1', '--out', out, ...more],
  );
const worker = (out: string) => begin('worker', '--queue', redis.url, '--out', out, '--workers', '1');

/** Without what depends on the clock. */
function figures(out: string) {
  const { searches, arms, worth, splits } = JSON.parse(
    readFileSync(at(out, 'result.json'), 'utf8'),
  ) as SearchResult;
  return {
    ...{ worth, splits, policy: readFileSync(at(out, 'policy.json'), 'utf8') },
    searches: searches.map((one) => ({ ...one, seconds: 0 })),
    arms: arms.map(({ name, runs }) => ({ name, runs: runs.map((run) => ({ ...run, seconds: 0 })) })),
  };
}

const folderOf = (out: string) => SearchFolder.open(at(out));
const filesOf = (out: string) => at(out, 'queue', folderOf(out).digest.slice(0, 16));
/** When each result was written. */
const results = (out: string) =>
  new Map(
    (existsSync(at(out, SEARCH)) && existsSync(filesOf(out)) ? readdirSync(filesOf(out)) : [])
      .filter((name) => name.endsWith('.result.json'))
      .map((name) => [name, statSync(join(filesOf(out), name)).mtimeMs]),
  );

/** Opens the queue of a search. */
async function withQueue<T>(out: string, does: (queue: Queue) => Promise<T>): Promise<T> {
  const name = queueName({ kind: 'trial', digest: folderOf(out).digest });
  const queue = new Queue(name, { connection: { port: redis.port }, prefix: PREFIX });
  try {
    return await does(queue);
  } finally {
    await queue.close();
  }
}

/** A worker in the middle of a training: an epoch of it is in its checkpoint. */
function midTraining(out: string, workers: readonly Running[]) {
  return withQueue(out, async (queue) => {
    for (const { data, processedBy } of await queue.getActive()) {
      const busy = workers.find(({ pid }) => processedBy?.split(':').includes(`${pid}`));
      const task = folderOf(out).task(data.number);
      if (!busy || task.kind !== 'trial' || !existsSync(join(task.dir, 'last.ckpt'))) continue;
      return { worker: busy, number: data.number as number };
    }
    return undefined;
  });
}

describe.skipIf(withoutRedis !== '')(`a search over a queue${withoutRedis}`, () => {
  let whole: ReturnType<typeof figures>;
  beforeAll(async () => {
    writeFileSync(at('tiny.ts'), TINY);
    redis = await RedisServer.start(at('redis'));
    // A plan is made here, and then given fixed numbers, so that nothing hangs on what was measured.
    const planning = search('planned');
    await until('a plan', () => existsSync(at('planned', 'plan.json')), 10);
    planning.signal('SIGKILL');
    await planning.ended;
    const { sha256: _, ...plan } = readPlan(at('planned', 'plan.json')) as NonNullable<
      ReturnType<typeof readPlan>
    >;
    rmSync(at('planned'), { recursive: true });
    writePlan(at('planned', 'plan.json'), {
      ...plan,
      cost: { ...plan.cost, secondsPerImageEpoch: 0.001, secondsPerTrial: 0.1, secondsPerForward: 0.001 },
      ...{ searches: 2, pairs: 2, most: 2, searchSeconds: 10, worthSeconds: 1, roundSeconds: 1 },
      elapsed: 1e6,
    });
    cpSync(at('planned'), at('whole'), { recursive: true });
    const { code, text } = await search('whole', '--resume').ended;
    expect(code, text).toBe(0);
    whole = figures('whole');
    expect(whole.arms.map(({ name, runs }) => [name, runs.length])).toEqual([
      ['found', 4],
      ['plain', 2],
      ['flipped', 2],
    ]);
  });
  afterAll(async () => {
    killAll();
    await redis?.down();
    rmSync(root, { recursive: true, force: true });
  });

  it('ends at the policies and figures of the local pool, with workers killed and asleep, the one that leads killed, the server away, and its jobs forgotten', async () => {
    const out = 'far';
    cpSync(at('planned'), at(out), { recursive: true });
    const workers = [worker(out), worker(out)];
    await until('a worker that waits', () =>
      workers.every(({ text }) => text.includes('there is no plan yet')),
    );
    let leads = search(out, '--resume', '--queue', redis.url);
    await until('some scores', () => results(out).size >= 2);

    // The server forgets, and is away for a while.
    await redis.say('FLUSHALL');
    await until('a notice', () => leads.text.includes('enqueued again'));
    await redis.down();
    await until('a notice', () => leads.text.includes('does not answer'));
    await pause(2000);
    await redis.up();
    await until('a notice', () => leads.text.includes('answers again'));

    // A worker sleeps in the middle of a training until the other one has done it, and wakes.
    let asleep: Awaited<ReturnType<typeof midTraining>>;
    await until(
      'a worker asleep in the middle of a training',
      async () => {
        asleep = await midTraining(out, workers);
        asleep?.worker.signal('SIGSTOP');
        if (!asleep || !results(out).has(`${asleep.number}.result.json`)) return asleep !== undefined;
        asleep.worker.signal('SIGCONT'); // it was quicker
        return false;
      },
      20,
    );
    await until('that training, by the other one', () => results(out).has(`${asleep?.number}.result.json`));
    asleep?.worker.signal('SIGCONT');

    // A worker dies in the middle of a training.
    let met: Awaited<ReturnType<typeof midTraining>>;
    await until(
      'a worker in the middle of a training',
      async () => {
        met = await midTraining(out, workers);
        return met !== undefined && !results(out).has(`${met.number}.result.json`);
      },
      20,
    );
    met?.worker.kill();
    await met?.worker.ended;
    const cut = `${met?.number}.result.json`;
    const before = results(out);
    expect(before.has(cut)).toBe(false);

    // And the one that leads, while the other worker goes on.
    leads.kill();
    await leads.ended;
    leads = search(out, '--resume', '--queue', redis.url);
    const { code, text } = await leads.ended;
    expect(code, text).toBe(0);
    expect(figures(out)).toEqual(whole);
    const left = workers.find((one) => one !== met?.worker) as Running;
    const end = await left.ended;
    expect(end.code, end.text).toBe(0);
    const after = results(out);
    expect(after.has(cut)).toBe(true);
    // What was finished was never done again, and all was done by one of the two.
    for (const [name, time] of before) expect(after.get(name), name).toBe(time);
    const tasks = readdirSync(filesOf(out)).filter((name) => name.endsWith('.task.json'));
    expect(after.size).toBe(tasks.length);
    expect(end.text).toMatch(/far: [1-9]\d* trainings done here/);
    // Nothing is left on the server.
    const keys = await redis.say('KEYS', `${PREFIX}:search-*`);
    expect(keys).not.toMatch(/:(wait|trial-)/);
  });

  it('a plan counts on the workers that are there; a worker with another pipeline, other images or versions is refused, and one that comes later is used', async () => {
    const out = 'counted';
    const leads = search(out, '--queue', redis.url);
    await until('a notice', () =>
      leads.text.includes('there are no workers yet; start some by rxaug worker'),
    );
    await pause(1500);
    expect(existsSync(at(out, 'plan.json'))).toBe(false);

    const refused = async (): Promise<string> => {
      const { code, text } = await worker(out).ended;
      expect(code, text).not.toBe(0);
      expect(text).not.toMatch(/ at .*\.js:\d+/);
      return text;
    };
    writeFileSync(at('tiny.ts'), TINY.replace('subPolicies: 2', 'subPolicies: 3'));
    expect(await refused()).toMatch(
      /tiny\.ts: expected the search in .*counted, with space\.subPolicies 2, but here it is 3; put the same script and packages here/,
    );
    rmSync(at('tiny.ts'));
    expect(await refused()).toMatch(
      /expected its pipeline script at .*tiny\.ts but it is not here; mount it/,
    );
    writeFileSync(at('tiny.ts'), TINY);

    const pixels = at(out, 'data', 'train.pixels');
    const own = readFileSync(pixels);
    writeFileSync(
      pixels,
      own.map((value, i) => (i === 5 ? value ^ 1 : value)),
    );
    expect(await refused()).toMatch(/train\.pixels: does not hold the images that were written/);
    writeFileSync(pixels, own);

    const shared = readFileSync(at(out, SEARCH), 'utf8');
    writeFileSync(at(out, SEARCH), shared.replace('"processor": "', '"processor": "other-'));
    expect(await refused()).toMatch(/search\.json: was not written by rxaug search, or changed afterwards/);
    writeFileSync(at(out, SEARCH), shared);
    const { about } = folderOf(out);
    SearchFolder.begin(at(out), { ...about, versions: { ...about.versions, backend: 'tensorflow 1.0' } });
    expect(await refused()).toMatch(
      /searched with other versions, which give other figures \(backend wasm .* in place of tensorflow 1\.0\)/,
    );
    writeFileSync(at(out, SEARCH), shared);
    expect(existsSync(at(out, 'plan.json'))).toBe(false);

    const two = begin('worker', '--queue', redis.url, '--out', out, '--workers', '2');
    await until('a plan', () => existsSync(at(out, 'plan.json')));
    expect(leads.text).toContain('1 worker is there, for 2 trainings side by side: the plan counts on them');
    await until('the estimate', () => leads.text.includes(' ms an image and epoch, 2 side by side)'));
    expect(readPlan(at(out, 'plan.json'))).toMatchObject({ workers: 2, here: 1 });
    await until('a result', () => results(out).size > 2);

    // Jobs that nobody enqueued here fail alone.
    await withQueue(out, async (queue) => {
      const { digest: of } = folderOf(out);
      for (const data of [
        { kind: 'trial', of, number: 99_999 },
        { kind: 'trial', of: 'f'.repeat(64), number: 0 },
        { kind: 'shard', of, number: 0 },
        { kind: 'trial', of, number: 0, dir: '/etc' },
      ])
        await queue.add('trial', data);
    });
    for (const sentence of [
      'queue: there is no training 99999 in',
      "but it is of 'ffffffffffff'; give the worker the folder of that search",
      "queue: expected a trial but received 'shard'",
      'queue: expected a job { kind, of, number } but received',
    ])
      await until(sentence, () => two.text.includes(sentence));

    // A signal lets a worker finish what it has begun; the rest waits for others.
    process.kill(two.pid, 'SIGTERM');
    const end = await two.ended;
    expect(end.code, end.text).toBe(143);
    expect(leads.over, leads.text).toBe(false);
    process.kill(leads.pid, 'SIGINT');
    const stopped = await leads.ended;
    expect(stopped.code, stopped.text).toBe(130);
    expect(stopped.text).toMatch(/continue with: npx rxaug search tiny\.ts .*--queue redis:.* --resume/);
  });
});
