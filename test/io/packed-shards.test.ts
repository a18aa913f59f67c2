/** Shards that are compressed with gzip: the same samples as plain ones, and what stands before a cut. */
import { closeSync, openSync, readdirSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type OpenedDataset, openWebdataset } from '../../src/io/index.js';
import { image, scratchFolder, tarOf } from './make.js';

const folder = scratchFolder();
const cache = join(folder, 'cache');
const jpegs = await Promise.all([8, 16, 24, 32].map((side) => image(side, side).jpeg().toBuffer()));
const shard = tarOf(
  jpegs.flatMap((data, i) => [
    { name: `${i}.jpg`, data },
    { name: `${i}.cls`, data: String(i % 2) },
  ]),
);
let files = 0;
function file(bytes: Uint8Array, ending: string): string {
  const path = join(folder, `shard-${files++}.${ending}`);
  writeFileSync(path, bytes);
  return path;
}

function contents(data: OpenedDataset): [string, Buffer, unknown][] {
  return Array.from({ length: data.length }, (_, i) => {
    const { id, image, label } = data.item(i);
    if (image.kind !== 'range') throw new Error('a range was expected');
    const bytes = Buffer.alloc(image.length);
    const fd = openSync(image.path, 'r');
    readSync(fd, bytes, 0, image.length, image.offset);
    closeSync(fd);
    return [id.replace(/^.*\//, ''), bytes, label];
  });
}

describe('openWebdataset() of compressed shards', () => {
  it('reads .tar.gz, .tgz and members one after another as the plain tar, by what they are and not by their name', async () => {
    const plain = contents(await openWebdataset(file(shard, 'tar'), { cache }));
    expect(
      plain.map(([name, bytes]) => [name, bytes.equals(jpegs[Number.parseInt(name, 10)] as Buffer)]),
    ).toEqual([0, 1, 2, 3].map((i) => [`${i}.jpg`, true]));
    const members = Buffer.concat([gzipSync(shard.subarray(0, 700)), gzipSync(shard.subarray(700))]);
    for (const [bytes, ending] of [
      [gzipSync(shard), 'tar.gz'],
      [gzipSync(shard, { level: 1 }), 'tgz'],
      [members, 'tar.gz'],
      [gzipSync(shard), 'tar'],
    ] as const) {
      const data = await openWebdataset(file(bytes, ending), { cache });
      expect(data.problems).toEqual([]);
      expect(contents(data)).toEqual(plain);
    }
  });

  it('opens shards of both kinds together, ids by their own names, and unpacks once', async () => {
    const paths = [file(shard, 'tar'), file(gzipSync(shard), 'tgz')];
    const own = join(folder, 'own');
    const data = await openWebdataset(paths, { cache: own });
    expect(data.length).toBe(8);
    expect(data.item(4).id).toMatch(/^shard-\d+\.tgz\/0\.jpg$/);
    const kept = readdirSync(own).sort();
    expect(kept.filter((name) => name.endsWith('.bin'))).toHaveLength(1);
    await openWebdataset(paths, { cache: own });
    expect(readdirSync(own).sort()).toEqual(kept);
  });

  it('gives what stands before a cut, and names the cut', async () => {
    const packed = gzipSync(shard, { level: 0 });
    const data = await openWebdataset(file(packed.subarray(0, Math.floor(packed.length / 2)), 'tgz'), {
      cache,
    });
    expect(data.length).toBeGreaterThan(0);
    expect(data.length).toBeLessThan(4);
    const reasons = data.problems.map(({ reason }) => reason);
    expect(reasons[0]).toBe('its gzip is cut short, so the end is missing; download or write it again');
    expect(reasons[1]).toContain('cut short');
  });

  it('leaves out a damaged shard by name, and needs a place to unpack to', async () => {
    const packed = gzipSync(shard, { level: 0 });
    packed.writeUInt8(packed.readUInt8(packed.length - 6) ^ 1, packed.length - 6);
    const bad = file(packed, 'tgz');
    const data = await openWebdataset([file(shard, 'tar'), bad], { cache });
    expect(data.length).toBe(4);
    expect(data.problems.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/its gzip is damaged \(incorrect data check\); download or write it again/),
    ]);
    const good = file(gzipSync(shard), 'tgz');
    await expect(openWebdataset(good, { cache: false })).rejects.toThrow(
      /^webdataset: .* is compressed and must be unpacked to the cache, but cache is false/,
    );
  });

  it('a bomb is stopped by its cap and named', async () => {
    const bomb = gzipSync(Buffer.alloc(70 << 20));
    // 70 MiB of zeros from 70 KB: 64 MiB are free, beyond them it must be less than 1,000 times its size.
    const data = await openWebdataset([file(shard, 'tar'), file(bomb, 'tgz')], { cache });
    expect(data.problems.map(({ reason }) => reason)).toEqual([
      expect.stringMatching(
        /it unpacks to more than \d+ bytes, which is more than its size can honestly hold/,
      ),
    ]);
  });
});
