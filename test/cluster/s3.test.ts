/** A preparation over a queue whose output lies in an object store: no disk is shared, and the bytes are the same. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/io/store/open-store.js';
import { type Moto, noS3, withMoto } from '../io/moto.js';
import { killAll, pipelineIn, Running, until } from './queued.js';
import { RedisServer, withoutRedis } from './redis-server.js';

const without = withoutRedis || (noS3 && ` (skipped: ${noS3})`);
const root = mkdtempSync(join(tmpdir(), 'rxaug-queue-s3-'));
const begin = (args: readonly string[]) => new Running(args);

/** Digest by path of all files. */
async function treeIn(place: string): Promise<Record<string, string>> {
  const store = await openStore(place);
  try {
    const found: Record<string, string> = {};
    for (const { path } of await store.list()) {
      if (path.includes('.rxaug-lock')) continue;
      found[path] = createHash('sha256')
        .update(await store.read(path))
        .digest('hex');
    }
    return found;
  } finally {
    store.dispose();
  }
}

describe.skipIf(without !== '')(`a queue and an object store${without}`, () => {
  let moto: Moto;
  let redis: RedisServer;
  withMoto((one) => {
    moto = one;
  });
  beforeAll(async () => {
    redis = await RedisServer.start(join(root, 'redis'));
  });
  afterAll(async () => {
    killAll();
    await redis?.down();
    rmSync(root, { recursive: true, force: true });
  });

  it('two workers, one of them killed, end at the bytes of one machine and its disk', async () => {
    const script = await pipelineIn(root, 8, 160);
    const here = join(root, 'here');
    expect(
      (
        await begin(['prepare', script, '--out', here, '--work', join(root, 'work-here'), '--workers', '1'])
          .ended
      ).code,
    ).toBe(0);
    const out = await moto.bucket('queued', '/below/data');
    const options = (work: string) => [
      ...['--out', out, '--work', join(root, work), '--workers', '1', '--queue', redis.url],
    ];
    const workers = [1, 2].map((i) => begin(['worker', ...options(`work-${i}`)]));
    const follows = begin(['prepare', script, ...options('work-0')]);
    const store = await openStore(out);
    const marks = async () => (await store.list('.rxaug/done/')).length;
    await until('a shard', async () => (await marks()) > 0);
    workers[0]?.kill();
    const { code, text } = await follows.ended;
    expect(code, text).toBe(0);
    const end = await workers[1]?.ended;
    expect(end?.code, end?.text).toBe(0);
    expect(end?.text).toMatch(/s3:\/\/queued\/below\/data.*: [1-9]\d* shards? rendered here/);
    store.dispose();
    const tree = await treeIn(out);
    expect(Object.keys(tree).filter((name) => name.endsWith('.tar')).length).toBeGreaterThan(6);
    expect(tree).toEqual(await treeIn(here));
  });
});
