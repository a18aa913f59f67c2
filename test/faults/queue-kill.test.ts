/**
 * A preparation over a real Redis with three workers: workers and the one that follows are killed, with all their
 * processes, at random moments and where something is about to become durable; the server is away while all are idle and
 * while all are busy; it forgets everything; a worker sleeps for longer than its lock and wakes. Each time the bytes are
 * those of a preparation on one machine that nobody stopped.
 * `RXAUG_KILLS=50 npx vitest run test/faults/queue-kill.test.ts` kills so many times; by default fewer.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Draws, keyOf } from '../../src/core/index.js';
import {
  finished,
  killAll,
  pause,
  pipelineIn,
  Running,
  rendering,
  treeOf,
  until,
} from '../cluster/queued.js';
import { RedisServer, withoutRedis } from '../cluster/redis-server.js';

const KILLS = Number(process.env.RXAUG_KILLS ?? 6);
/** Milliseconds that the server is away. */
const AWAY = 20_000;

const root = mkdtempSync(join(tmpdir(), 'rxaug-queue-kill-'));
const calm = join(root, 'calm');
let script = '';
let redis: RedisServer;
let other: RedisServer;
let expected: Record<string, string> = {};

const begin = (args: readonly string[], env?: Record<string, string>) => new Running(args, env);
const follower = ({ url }: RedisServer, out: string, env: Record<string, string>, ...more: string[]) =>
  begin(['prepare', script, '--out', out, '--workers', '1', '--queue', url, ...more], env);
const worker = ({ url }: RedisServer, out: string, env: Record<string, string> = {}) =>
  begin(['worker', '--queue', url, '--out', out, '--workers', '1'], env);

describe.skipIf(withoutRedis !== '')(`a preparation over a queue${withoutRedis}`, () => {
  beforeAll(async () => {
    script = await pipelineIn(root, 28, 320);
    const { code, text } = await begin(['prepare', script, '--out', calm, '--workers', '2']).ended;
    expect(text).toContain('samples of 56 images');
    expect(code).toBe(0);
    expected = treeOf(calm);
    expect(Object.keys(expected).filter((name) => name.endsWith('.tar')).length).toBeGreaterThan(20);
    redis = await RedisServer.start(join(root, 'redis'));
    other = await RedisServer.start(join(root, 'other'));
  });
  afterAll(async () => {
    killAll();
    await redis?.down();
    await other?.down();
    rmSync(root, { recursive: true, force: true });
  });

  it.concurrent(`ends at the same bytes after ${KILLS} kills`, async () => {
    const draws = new Draws(keyOf(21));
    let [kills, atPlaces, rounds] = [0, 0, 0];
    while (kills < KILLS) {
      const out = join(root, `out-${rounds}`);
      // Of two processes that are begun one ends itself in the middle of a commit, the other waits to be killed.
      let begun = rounds++;
      const fault = (places: readonly string[], times: number): Record<string, string> =>
        begun++ % 2 === 0 && kills < KILLS
          ? { RXAUG_FAULT: `${places[draws.int(places.length)]}:${1 + draws.int(times)}` }
          : {};
      const anotherWorker = () => worker(redis, out, fault(['staged', 'renamed', 'journal'], 3));
      const workers = [0, 1, 2].map(anotherWorker);
      let follows = follower(redis, out, fault(['scanned', 'rendered', 'manifest', 'finished'], 1));
      // A kill follows on progress, so that all of them meet work, however slow the machine is.
      let [done, next] = [0, performance.now() + 1000 * draws.uniform(1, 3)];
      for (;;) {
        await pause(50);
        for (const [place, one] of workers.entries()) {
          if (!one.over || one.child.signalCode !== 'SIGKILL') continue;
          kills++;
          if (!one.killed) atPlaces++;
          workers[place] = anotherWorker();
        }
        if (follows.over) {
          if (follows.child.signalCode !== 'SIGKILL') break;
          kills++;
          if (!follows.killed) atPlaces++;
          const known = existsSync(join(out, '.rxaug'));
          follows = follower(redis, out, {}, ...(known ? ['--resume'] : []));
        }
        if (kills >= KILLS || performance.now() < next || finished(out).length <= done) continue;
        done = finished(out).length;
        next = performance.now() + 1000 * draws.uniform(1, 3);
        const calmOnes = [...workers, follows].filter((one) => !one.faulty && !one.over);
        calmOnes[draws.int(calmOnes.length)]?.kill();
      }
      const { code, text } = await follows.ended;
      expect(code, text).toBe(0);
      for (const one of workers) {
        const end = await one.ended;
        expect(end.code === 0 || one.child.signalCode === 'SIGKILL', end.text).toBe(true);
      }
      expect(treeOf(out), `round ${rounds}`).toEqual(expected);
      rmSync(out, { recursive: true, force: true });
    }
    expect(atPlaces).toBeGreaterThan(0);
    console.log(
      `${kills} kills, ${atPlaces} of them at places of a commit, in ${rounds} preparations: the same bytes`,
    );
  }, 3_600_000);

  it.concurrent('outlives a server that is away while idle and while busy, that forgets, and a worker that sleeps', async () => {
    const out = join(root, 'outage');
    expect((await begin(['prepare', script, '--out', out, '--plan-only']).ended).code).toBe(0);
    const workers = [0, 1, 2].map(() => worker(other, out));
    // Three of each: what looks, what takes and what blocks.
    await until('three idle workers', async () => {
      const clients = await other.say('CLIENT', 'LIST');
      return clients.split('\n').filter((line) => line.includes('cmd=bzpopmin')).length === 3;
    });
    await other.down();
    await pause(AWAY);
    await other.up();
    const follows = follower(other, out, {}, '--resume');
    await until('some shards', () => finished(out).length >= 2);
    await other.down();
    await pause(AWAY);
    expect(finished(out).length, 'shards without a server').toBeLessThan(16);
    await other.up();
    const before = finished(out).length;
    await until('shards after the server is back', () => finished(out).length >= before + 2);
    await other.say('FLUSHALL');
    expect(follows.over).toBe(false);

    // A worker in the middle of a shard sleeps until another one has finished that shard.
    let asleep: { readonly worker: Running; readonly shard: string } | undefined;
    while (!asleep && !follows.over) {
      const one = workers.find(({ pid }) => rendering(out, pid) !== undefined);
      const shard = one && rendering(out, one.pid);
      if (!one || !shard) {
        await pause(5);
        continue;
      }
      one.signal('SIGSTOP');
      await pause(50);
      if (rendering(out, one.pid) === shard && !finished(out).includes(shard))
        asleep = { worker: one, shard };
      else one.signal('SIGCONT');
    }
    const { worker: zombie, shard = '' } = asleep ?? {};
    expect(shard, 'a worker in the middle of a shard').toMatch(/^(train|val)-\d{6}$/);
    await until(`${shard} by another worker`, () => finished(out).includes(shard));
    zombie?.signal('SIGCONT');
    const { code, text } = await follows.ended;
    expect(code, text).toBe(0);
    expect(text).toContain('does not answer');
    expect(text).toContain('answers again');
    expect(text).toContain('enqueued again');
    for (const one of workers) {
      const end = await one.ended;
      expect(end.code, end.text).toBe(0);
    }
    expect(treeOf(out)).toEqual(expected);
  }, 600_000);
});
