/** What a worker refuses by what its folder holds. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { SEARCH, SearchFolder } from '../../src/cluster/search-folder.js';
import { type Serving, serve } from '../../src/cluster/serve.js';

const out = mkdtempSync(join(tmpdir(), 'rxaug-serve-'));
afterAll(() => rmSync(out, { recursive: true }));

it('a folder for shards is refused for a search, a finished one too', async () => {
  mkdirSync(join(out, SEARCH, '..'), { recursive: true });
  SearchFolder.begin(out, {
    ...{ versions: {}, identity: {}, pipeline: '/p.ts', set: [], cwd: '/', seed: 0 },
    ...{ strategy: 'random', backend: 'auto' },
  });
  writeFileSync(join(out, 'result.json'), '{}');
  const given = {
    out,
    signal: new AbortController().signal,
    shards: {},
    trials: { pool: () => expect.fail('nothing is to be done') },
  } as unknown as Serving;
  expect(await serve(given)).toEqual({ kind: 'trial', count: 0 });
  await expect(serve({ ...given, shards: { ...given.shards, work: '/tmp/work' } })).rejects.toThrow(
    '--work: is for shards, and this is a search; leave it out',
  );
});
