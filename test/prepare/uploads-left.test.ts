/** A preparation into a bucket leaves no upload of its own open, or says why it must. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Draws, keyOf } from '../../src/core/index.js';
import { encodeImage } from '../../src/io/encode.js';
import { openS3 } from '../../src/io/remote/s3-client.js';
import { parseS3 } from '../../src/io/remote/s3-place.js';
import { finishAll } from '../../src/prepare/finish-all.js';
import { type Moto, noS3, withMoto } from '../io/moto.js';
import { dataset, prepareHere } from './here.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-uploads-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe.skipIf(noS3 !== '')(`open uploads${noS3 && ` (skipped: ${noS3})`}`, () => {
  let moto: Moto;
  withMoto((started) => {
    moto = started;
  });

  it('of finished shards are abandoned at the end; those of other files stay', async () => {
    // Of more bytes than go up in one request: noise cannot be compressed.
    const side = 2400;
    const draws = new Draws(keyOf(1));
    const words = Uint32Array.from({ length: (3 * side * side) / 4 }, () => draws.int(2 ** 32));
    const noise = { data: new Uint8Array(words.buffer), width: side, height: side };
    writeFileSync(join(root, 'a.png'), await encodeImage(noise, 'png'));
    const source = dataset(root, { 'a.png': 0 }, ['one']);
    const url = await moto.bucket('left-open', '/below/data');
    const definition = { source, nearDuplicates: 'ignore' as const };
    const work = join(root, 'work');
    const { manifest, notices } = await prepareHere(definition, url, { work });
    expect(notices).toEqual([]);
    const [shard] = manifest.shards;
    const [file] = shard!.files;
    expect(file!.bytes).toBeGreaterThan(16 << 20);

    const { sdk, client } = await openS3('test', parseS3('test', url));
    const Bucket = 'left-open';
    const begin = (Key: string) => client.send(new sdk.CreateMultipartUploadCommand({ Bucket, Key }));
    const open = async () =>
      ((await client.send(new sdk.ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).map(
        ({ Key }) => Key,
      );
    await begin('below/data/notes.bin');
    const ours = `below/data/${file!.path}`;

    await begin(ours);
    await prepareHere(definition, url, { work, resume: true });
    expect(await open()).toEqual(['below/data/notes.bin']);

    await begin(ours);
    const told: string[] = [];
    const events = { status: () => undefined, notice: (sentence: string) => told.push(sentence) };
    const { signal } = new AbortController();
    await finishAll(url, events, signal);
    expect([await open(), told]).toEqual([['below/data/notes.bin'], []]);

    await begin(ours);
    const blind = await moto.proxy(url, ({ method, url: asked }) =>
      method === 'GET' && /uploads/.test(`${asked}`) ? 403 : 'pass',
    );
    const again = await prepareHere(definition, blind.url, { work, resume: true });
    await finishAll(blind.url, events, signal);
    blind.close();
    const said =
      /^s3:\/\/left-open\/below\/data: uploads that killed writers left open, of 1 file, could not be looked for \(access is denied, AccessDenied\); allow s3:ListBucketMultipartUploads, or /;
    expect([again.notices, told]).toEqual([[expect.stringMatching(said)], [expect.stringMatching(said)]]);
    expect(again.manifest).toEqual(manifest);
    expect((await open()).sort()).toEqual(['below/data/notes.bin', ours]);
    client.destroy();
  }, 120_000);
});
