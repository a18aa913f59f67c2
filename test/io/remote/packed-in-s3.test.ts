/** What is packed within a file, an .npz of NumPy and zstd shards of MDS, gives in S3 what it gives of the same files here. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { OpenedDataset } from '../../../src/io/index.js';
import { openNumpy } from '../../../src/io/index.js';
import { openMds } from '../../../src/io/mds/open-mds.js';
import { openS3 } from '../../../src/io/remote/s3-client.js';
import { parseS3 } from '../../../src/io/remote/s3-place.js';
import { sourceDigest } from '../../../src/prepare/source-digest.js';
import { bytesOf } from '../make.js';
import { type Moto, noS3, withMoto } from '../moto.js';

const root = mkdtempSync(join(tmpdir(), 'rxaug-packed-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let folders = 0;
const fresh = () => {
  const dir = join(root, `${folders++}`);
  mkdirSync(dir);
  return dir;
};
const golden = JSON.parse(readFileSync(join(import.meta.dirname, '../../golden/io/pixels.json'), 'utf8'));
const pixels = Buffer.from(golden.pixels, 'base64');

/** Files of this folder, and their names. */
function write(files: Readonly<Record<string, string>>): string {
  const dir = fresh();
  for (const [name, text] of Object.entries(files))
    writeFileSync(join(dir, name), Buffer.from(text, 'base64'));
  return dir;
}

/** Everything of a data set but where its files are. */
const contents = (data: OpenedDataset) => ({
  classes: data.classes,
  problems: data.problems,
  items: Array.from({ length: data.length }, (_, i) => {
    const { id, label, image } = data.item(i);
    return { id, label, bytes: bytesOf(image).toString('hex') };
  }),
});

describe.skipIf(noS3 !== '')(`in S3${noS3 && ` (skipped: ${noS3})`}`, () => {
  let moto: Moto;
  withMoto((started) => {
    moto = started;
  });
  let buckets = 0;
  const put = (dir: string) => moto.bucketOf(`packed-${buckets++}`, dir, readdirSync(dir));
  const whole = (data: OpenedDataset) =>
    Buffer.concat(Array.from({ length: data.length }, (_, i) => Buffer.from(bytesOf(data.item(i).image))));

  it.each(['stored', 'packed'])('an .npz of NumPy, %s', async (kind) => {
    const dir = write({ 'digits.npz': golden.npz[kind] });
    const place = (await put(dir)).replace('/one?', '/one/digits.npz?');
    const given = { images: 'x_train', labels: 'y_train' };
    const local = await openNumpy(join(dir, 'digits.npz'), { ...given, cache: fresh() });
    const [cache, download] = [fresh(), { cache: fresh() }];
    const open = () => openNumpy(place, { ...given, cache, download });
    const far = await open();
    expect(whole(far).equals(pixels)).toBe(true);
    expect(contents(far)).toEqual(contents(local));
    // The second time nothing is fetched or unpacked, and a plan takes it for the same source.
    const before = readdirSync(cache);
    expect(before.length > 0).toBe(kind === 'packed');
    const again = await open();
    expect(sourceDigest(again)).toBe(sourceDigest(far));
    expect([contents(again), readdirSync(cache)]).toEqual([contents(local), before]);
  });

  it('an .npz that another one replaces is another source, and is fetched and unpacked anew', async () => {
    const dir = write({ 'digits.npz': golden.npz.packed });
    const url = await put(dir);
    const place = url.replace('/one?', '/one/digits.npz?');
    const options = {
      images: 'x_train',
      labels: false,
      cache: fresh(),
      download: { cache: fresh() },
    } as const;
    const before = await openNumpy(place, options);
    const digest = sourceDigest(before);
    const { bucket, key } = parseS3('test', place);
    const { sdk, client } = await openS3('test', parseS3('test', url));
    await client.send(
      new sdk.PutObjectCommand({ Bucket: bucket, Key: key, Body: Buffer.from(golden.npz.stored, 'base64') }),
    );
    client.destroy();
    const after = await openNumpy(place, options);
    expect(whole(after).equals(pixels)).toBe(true);
    expect(sourceDigest(after)).not.toBe(digest);
  });

  it('shards of MDS compressed with zstd', async () => {
    const dir = write(golden.mds.zstd);
    const url = await put(dir);
    const local = await openMds(dir, { cache: fresh() });
    const [cache, download] = [fresh(), { cache: fresh() }];
    const open = () => openMds(url, { cache, download, name: local.name });
    const far = await open();
    expect(far.problems).toEqual([]);
    expect(contents(far)).toEqual(contents(local));
    const before = readdirSync(cache);
    expect(before.length).toBeGreaterThan(0);
    const again = await open();
    expect(sourceDigest(again)).toBe(sourceDigest(far));
    expect([contents(again), readdirSync(cache)]).toEqual([contents(local), before]);
    await expect(openMds(url, { cache: false, download })).rejects.toThrow(
      /must be unpacked to the cache, but cache is false/,
    );
  });

  it('a zstd shard that was cut is refused by name', async () => {
    const dir = write(golden.mds.zstd);
    const name = readdirSync(dir).find((file) => file.endsWith('.zstd')) as string;
    const path = join(dir, name);
    writeFileSync(path, readFileSync(path).subarray(0, -9));
    await expect(openMds(await put(dir), { cache: fresh(), download: { cache: fresh() } })).rejects.toThrow(
      /^mds: no usable image in one; shard\.00000\.mds: it cannot be read \(its zstd is damaged/,
    );
  });
});
