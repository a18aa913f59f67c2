/**
 * Mutated Parquet, TFRecord and compressed tar files: each is read or refused with a reason, soon and in little memory, and
 * what is given of it lies inside its files.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { Draws, fold, keyOf, tag } from '../../src/core/index.js';
import { masked } from '../../src/io/tfrecord/records.js';
import { image, scratchFolder, tarOf } from '../io/make.js';
import { bundled, linesOf } from './fuzz-process.js';

const PER_FORMAT = { parquet: 900, tfrecord: 400, tgz: 300 };
/** Beyond this, a file counts as a hang. */
const PATIENCE = 60_000;
/** MiB of the whole process; a plain one has some 100. */
const MOST_MEMORY = 700;

const folder = scratchFolder();
const child = bundled('containers-child');

const golden = (name: string) => readFileSync(join(import.meta.dirname, '../golden', name));

async function bases(format: keyof typeof PER_FORMAT): Promise<Buffer[]> {
  if (format === 'parquet')
    return [
      'hf',
      'hf-list',
      'pages2',
      'deltas',
      'codec-snappy',
      'codec-gzip',
      'codec-zstd',
      'codec-lz4',
      'codec-brotli',
    ].map((name) => golden(`parquet/${name}.parquet`));
  if (format === 'tfrecord')
    return ['plain', 'packed', 'packed-zlib'].map((name) => golden(`tfrecord/${name}.tfrecord`));
  const jpeg = await image(20, 20).jpeg().toBuffer();
  const tar = tarOf(
    [0, 1, 2].flatMap((i) => [
      { name: `${i}.jpg`, data: jpeg },
      { name: `${i}.cls`, data: '1' },
    ]),
  );
  return [gzipSync(tar), gzipSync(tar, { level: 0 })];
}

/** Bit flips, numbers that lie, cuts, repeated and dropped pieces; most where a format keeps its sizes. */
function mutate(source: Buffer, draws: Draws, format: string): Buffer {
  let bytes: Buffer = Buffer.from(source);
  const footer = () => {
    const length = bytes.length > 8 ? bytes.readUInt32LE(bytes.length - 8) : 0;
    return Math.max(0, bytes.length - 8 - (length < bytes.length ? length : 0));
  };
  const place = () => {
    if (format === 'parquet' && draws.chance(0.5)) return footer() + draws.int(bytes.length - footer());
    return draws.int(draws.chance(0.3) ? Math.min(bytes.length, 100) : bytes.length);
  };
  for (let kinds = 1 + draws.int(3); kinds > 0 && bytes.length > 16; kinds--) {
    const kind = draws.int(7);
    const at = place();
    if (kind === 0) for (let n = 1 + draws.int(4); n > 0; n--) bytes[place()]! ^= 1 << draws.int(8);
    else if (kind === 1) bytes[at] = draws.choice([0, 0x7f, 0x80, 0xff, draws.int(256)]);
    else if (kind === 2) bytes.fill(0xff, at, Math.min(bytes.length, at + 1 + draws.int(12)));
    else if (kind === 3 && draws.chance(0.5)) bytes = bytes.subarray(0, at);
    else if (kind === 4) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + draws.int(30))]);
    else if (kind === 5) {
      const piece = bytes.subarray(at, at + draws.int(60));
      bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
    } else {
      // A number of several bytes, as Thrift and protobuf write them.
      const length = 1 + draws.int(5);
      for (let i = 0; i < length && at + i < bytes.length; i++)
        bytes[at + i] = i < length - 1 ? 0x80 | draws.int(128) : draws.int(128);
    }
  }
  if (format === 'tfrecord' && draws.chance(0.7)) repair(bytes);
  return bytes;
}

/** Checksums that hold again, so that the damage reaches what is behind them. */
function repair(bytes: Buffer): void {
  for (let at = 0; at + 16 <= bytes.length; ) {
    const length = Number(bytes.readBigUInt64LE(at));
    bytes.writeUInt32LE(masked(bytes.subarray(at, at + 8)), at + 8);
    if (length > bytes.length - at - 16) return;
    bytes.writeUInt32LE(masked(bytes.subarray(at + 12, at + 12 + length)), at + 12 + length);
    at += 16 + length;
  }
}

interface Line {
  peak?: number;
  name: string;
  ok: boolean;
  reason: string;
  items?: number;
  strays?: number;
  ms: number;
}

test('1,600 mutated Parquet, TFRecord and .tar.gz files: no crash, no hang, little memory, every refusal with its reason', async () => {
  const files: { name: string; format: string; base64: string }[] = [];
  for (const format of ['parquet', 'tfrecord', 'tgz'] as const) {
    const sources = await bases(format);
    for (let i = 0; i < PER_FORMAT[format]; i++) {
      const draws = new Draws(fold(keyOf(21), tag(format), i));
      const bytes = mutate(sources[i % sources.length] as Buffer, draws, format);
      files.push({ name: `${format}-${i}`, format, base64: bytes.toString('base64') });
    }
  }
  const list = join(folder, 'files.json');
  writeFileSync(list, JSON.stringify(files));
  const lines = await linesOf<Line>(['--max-old-space-size=512', child, list, folder], PATIENCE);
  const peak = lines.pop()?.peak;
  expect(lines.map(({ name }) => name)).toEqual(files.map(({ name }) => name));
  expect(lines.filter(({ ok }) => !ok)).toEqual([]);
  expect(lines.filter(({ strays = 0 }) => strays > 0)).toEqual([]);
  expect(lines.filter(({ ms }) => ms > PATIENCE)).toEqual([]);
  expect(peak).toBeLessThan(MOST_MEMORY);
  for (const { reason, items } of lines) {
    if (items === undefined) expect(reason).toMatch(/^(parquet|tfrecord|webdataset): [^\n]+; [^\n]+$/);
  }
  // The mutations must reach all kinds of refusal, and leave some files whole.
  const reasons = lines.map(({ reason }) => reason).join('\n');
  for (const kind of [
    'metadata',
    'page',
    'checksum does not hold',
    'cut short',
    'is damaged',
    'no Parquet file',
    'tf.train.Example',
    'gzip',
    'has no column',
    'schema',
  ])
    expect(reasons).toContain(kind);
  const refused = lines.filter(({ items }) => items === undefined);
  expect(refused.length).toBeGreaterThan(lines.length / 5);
  expect(lines.length - refused.length).toBeGreaterThan(lines.length / 5);
});
