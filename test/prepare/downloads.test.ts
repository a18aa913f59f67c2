/** `rxaug prepare` of a table at a URL: downloads are told on stderr and in the log. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Server } from '../io/remote/server.js';
import { write } from './here.js';

const cli = join(import.meta.dirname, '../../dist/cli/main.js');
const root = mkdtempSync(join(tmpdir(), 'rxaug-downloads-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

it('tells bytes and rate of downloads, as a line and as lines of JSON', async () => {
  const server = await Server.start();
  try {
    let total = 0;
    for (let i = 0; i < 12; i++) {
      await write(join(root, `${i}.png`), i);
      const bytes = readFileSync(join(root, `${i}.png`));
      total += bytes.length;
      server.files.set(`/${i}.png`, { bytes, etag: `"${i}"` });
    }
    const rows = Array.from({ length: 12 }, (_, i) => `${i}.png,cat`);
    server.files.set('/t.csv', { bytes: Buffer.from(['image,label', ...rows].join('\n')), etag: '"t"' });
    const script = join(root, 'pipeline.mjs');
    const face = (name: string) => JSON.stringify(new URL(`../../dist/${name}`, import.meta.url).href);
    writeFileSync(
      script,
      `import { definePipeline } from ${face('index.js')};
import { openSource } from ${face('faces/prepare.js')};
export default definePipeline({
  name: 'far',
  settings: {},
  prepare: () => ({ source: openSource('${server.origin}/t.csv') }),
  batches: () => { throw new Error('not asked for'); },
});
`,
    );
    const log = join(root, 'log.jsonl');
    const args = ['prepare', script, '--out', join(root, 'out'), '--workers', '1', '--log', log];
    const env = { ...process.env, RXAUG_CACHE: join(root, 'cache') };
    const err = await new Promise<string>((done, fail) =>
      execFile(process.execPath, [cli, ...args], { env }, (error, _, text) =>
        error ? fail(new Error(text)) : done(text),
      ),
    );
    expect(err).toMatch(/prepare: download: 12 of 12 files, [\d.]+ of [\d.]+ kB, [\d.]+ [kM]B\/s, 100 %/);
    const lines = readFileSync(log, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.find(({ part }) => part === 'lookup')).toMatchObject({
      kind: 'progress',
      allLookupFiles: 12,
    });
    const downloads = lines.filter(({ part }) => part === 'download');
    expect(downloads.at(-1)).toMatchObject({
      ...{
        share: 1,
        downloadedFiles: 12,
        allDownloadFiles: 12,
        downloadedBytes: total,
        allDownloadBytes: total,
      },
      downloadBytesPerSecond: expect.any(Number),
    });
  } finally {
    server.stop();
  }
}, 120_000);
