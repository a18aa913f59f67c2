/** What a queue and its worker refuse, report and finish, with a real Redis. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PREFIX, queueName } from '../../src/cluster/jobs.js';
import { parsePlan, planText, sealed } from '../../src/prepare/plan/plan.js';
import { finished, killAll, pipelineIn, Running, rendering, treeOf, until } from './queued.js';
import { RedisServer, withoutRedis } from './redis-server.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-queue-'));
let script = '';
let redis: RedisServer;
const planned = join(root, 'planned');

const begin = (args: readonly string[], env?: Record<string, string>) => new Running(args, env);
const prepare = (out: string, url: string, ...more: string[]) =>
  begin(['prepare', script, '--out', out, '--workers', '1', '--queue', url, ...more]);
const worker = (out: string, url = redis.url) =>
  begin(['worker', '--queue', url, '--out', out, '--workers', '1']);
const planOf = async (out: string) => {
  const file = join(out, '.rxaug', 'plan.json');
  return { file, plan: parsePlan(await readFile(file, 'utf8'), file) };
};

describe.skipIf(withoutRedis !== '')(`a queue${withoutRedis}`, () => {
  beforeAll(async () => {
    script = await pipelineIn(root, 8, 160);
    redis = await RedisServer.start(join(root, 'redis'));
  });
  afterAll(async () => {
    killAll();
    await redis?.down();
    rmSync(root, { recursive: true, force: true });
  });

  it('a worker waits for the plan, refuses jobs that are not of it and goes on, and ends with the data set', async () => {
    const out = join(root, 'foreign');
    const here = join(root, 'here');
    mkdirSync(out);
    const early = worker(out);
    await until('a worker that waits', () => early.text.includes('there is no plan yet'));
    expect((await begin(['prepare', script, '--out', here, '--workers', '1']).ended).code).toBe(0);
    expect((await begin(['prepare', script, '--out', out, '--workers', '1', '--plan-only']).ended).code).toBe(
      0,
    );
    const { plan } = await planOf(out);
    const name = queueName({ kind: 'shard', digest: plan.digest });
    const queue = new Queue(name, { connection: { port: redis.port }, prefix: PREFIX });
    const odd = [
      { kind: 'shard', of: 'f'.repeat(64), number: 0 },
      { kind: 'shard', of: plan.digest, number: plan.shards.length },
      { kind: 'shard', of: plan.digest, number: 0, image: '/etc/passwd' },
      { url: 'http://example.org' },
    ];
    for (const data of odd) await queue.add('shard', data);
    const log = join(root, 'foreign.jsonl');
    const { code, text } = await prepare(out, redis.url, '--resume', '--log', log).ended;
    expect(code, text).toBe(0);
    expect(await readFile(log, 'utf8')).toContain('"samples":64,"allSamples":64');
    const end = await early.ended;
    expect(end.code, end.text).toBe(0);
    expect(end.text).toContain(`but it is of 'ffffffffffff'; give the worker the folder of that plan`);
    expect(end.text).toContain(
      `expected a shard in 0..${plan.shards.length - 1} but received ${plan.shards.length}`,
    );
    expect(end.text.split('expected a job { kind, of, number } but received').length - 1).toBe(2);
    expect(end.text).toContain(`${plan.shards.length} shards rendered here`);
    expect(treeOf(out)).toEqual(treeOf(here));
    // Nothing is left on the server.
    await queue.close();
    await until('an empty server', async () => {
      const keys = await redis.say('KEYS', `${PREFIX}:${name}:*`);
      return !keys.includes(':wait') && !keys.includes(':shard-');
    });
  });

  it('SIGTERM lets a worker finish its shard and take no more; another one does the rest', async () => {
    const out = join(root, 'drained');
    const first = worker(out);
    const follows = prepare(out, redis.url);
    let seen: string | undefined;
    await until(
      'a shard that is being rendered',
      () => {
        seen = rendering(out, first.pid);
        return seen !== undefined;
      },
      5,
    );
    process.kill(first.pid, 'SIGTERM');
    const end = await first.ended;
    expect(end.code, end.text).toBe(143);
    expect(finished(out)).toContain(seen);
    expect(finished(out).length).toBeLessThan((await planOf(out)).plan.shards.length);
    const second = worker(out);
    expect((await follows.ended).code).toBe(0);
    expect((await second.ended).code).toBe(0);
  });

  it('a worker whose server is away stops when told, and by itself when it stays away', async () => {
    const out = join(root, 'lonely');
    const own = await RedisServer.start(join(root, 'lonely-redis'));
    expect((await begin(['prepare', script, '--out', out, '--workers', '1', '--plan-only']).ended).code).toBe(
      0,
    );
    const told = worker(out, own.url);
    const left = begin(['worker', '--queue', own.url, '--out', out], { RXAUG_QUEUE_PATIENCE: '1' });
    await until('two idle workers', async () => {
      const clients = await own.say('CLIENT', 'LIST');
      return clients.split('\n').filter((line) => line.includes('cmd=bzpopmin')).length === 2;
    });
    await own.down();
    await until('a notice', () => told.text.includes('does not answer'));
    process.kill(told.pid, 'SIGTERM');
    const [first, second] = [await told.ended, await left.ended];
    expect(first.code, first.text).toBe(143);
    expect(second.code, second.text).toBe(1);
    for (const { text } of [first, second]) {
      expect(text.split('does not answer').length - 1, text).toBe(1);
      expect(text).toMatch(
        /does not answer \((the connection was closed|read ECONNRESET|connect ECONNREFUSED)/,
      );
    }
    expect(second.text).toMatch(/has not answered for \d+ s \(connect ECONNREFUSED.*start the worker again/);
  });

  it('a worker with other versions is refused', async () => {
    expect(
      (await begin(['prepare', script, '--out', planned, '--workers', '1', '--plan-only']).ended).code,
    ).toBe(0);
    const { file, plan } = await planOf(planned);
    const { digest: _, ...rest } = plan;
    await writeFile(file, planText(sealed({ ...rest, versions: { ...rest.versions, libvips: '1.0.0' } })));
    const { code, text } = await worker(planned).ended;
    expect(code).toBe(2);
    expect(text).toMatch(/planned with other versions.*libvips \d+\.\d+\.\d+ in place of 1\.0\.0/);
  });

  it('a shard that fails wherever it is tried ends the preparation with its reason, and the worker too', async () => {
    const out = join(root, 'vanished');
    const own = join(root, 'own');
    const others = await pipelineIn(own, 4, 64);
    const ask = (...more: string[]) => begin(['prepare', others, '--out', out, '--workers', '1', ...more]);
    expect((await ask('--plan-only').ended).code).toBe(0);
    const { plan } = await planOf(out);
    const rows = join(out, '.rxaug', 'rows');
    rmSync(rows, { recursive: true });
    const follows = ask('--resume', '--queue', redis.url);
    // A supervisor starts a worker that has ended again.
    const ends: { readonly code: number | null; readonly text: string }[] = [];
    while (!follows.over) {
      const broken = worker(out);
      await Promise.race([broken.ended, follows.ended]);
      if (broken.over) ends.push(await broken.ended);
      else broken.signal('SIGTERM');
    }
    const { code, text } = await follows.ended;
    expect(code, text).toBe(1);
    expect(text).toMatch(/shard (train|val)-00000\d failed 4 times, the last time because: .*rows/);
    expect(ends.length).toBeGreaterThan(0);
    for (const end of ends) {
      expect(end.code, end.text).toBe(1);
      expect(end.text).toContain('4 shards failed here one after another');
    }
    expect(plan.shards.length).toBeGreaterThan(3);
  });

  it('refuses a server that evicts, one that is a replica, one that is away and one that it may not enter, without its password', async () => {
    const evicts = await RedisServer.start(join(root, 'evicts'), ['--maxmemory-policy', 'allkeys-lru']);
    const replica = await RedisServer.start(join(root, 'replica'), [
      '--replicaof',
      '127.0.0.1',
      String(redis.port),
    ]);
    const locked = await RedisServer.start(join(root, 'locked'), [
      ...['--requirepass', 'hunter2', '--appendonly', 'no'],
    ]);
    const away = await RedisServer.start(join(root, 'away'));
    await away.down();
    try {
      const said = async (url: string, env?: Record<string, string>) => {
        const { code, text } = await begin(['worker', '--queue', url, '--out', planned], env).ended;
        expect(text).not.toContain('hunter');
        return `${code} ${text.trim()}`;
      };
      expect(await said(evicts.url)).toMatch(/^2 .*maxmemory-policy is allkeys-lru.*set it to noeviction$/);
      expect(await said(replica.url)).toMatch(/^2 .*it is a replica.*give the primary server$/);
      expect(await said(away.url)).toMatch(
        /^1 .*does not answer \(connect ECONNREFUSED.*\); check that it runs/,
      );
      const { port } = locked;
      expect(await said(`redis://127.0.0.1:${port}`)).toMatch(
        /^1 .*does not answer \(NOAUTH.*who may enter$/,
      );
      expect(await said(`redis://:hunter3@127.0.0.1:${port}`)).toMatch(/^1 .*does not answer \(WRONGPASS/);
      // It gets in, is told that nothing is kept on disk, and then learns of the versions.
      for (const [url, env] of [
        [`redis://:hunter2@127.0.0.1:${port}`, {}],
        [`redis://127.0.0.1:${port}`, { RXAUG_QUEUE_PASSWORD: 'hunter2' }],
      ] as const)
        expect(await said(url, env)).toMatch(/^2 .*keeps no log on disk[\s\S]*planned with other versions/);
    } finally {
      for (const server of [evicts, replica, locked]) await server.down();
    }
  });
});
