import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { normalize } from '../../src/augment/index.js';
import { Draws, fold, keyOf } from '../../src/core/index.js';
import { loadSharp } from '../../src/io/decode/native.js';
import { encodeImage } from '../../src/io/encode.js';
import { openWebdataset } from '../../src/io/index.js';
import type { Manifest } from '../../src/prepare/finish/manifest.js';
import { tree } from './here.js';

const cli = join(import.meta.dirname, '../../dist/cli/main.js');
const root = mkdtempSync(join(tmpdir(), 'rxaug-prepare-'));
const photos = join(root, 'photos');
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** A picture of blocks of its own colors, so that no two look alike. */
async function picture(seed: number, side = 48): Promise<Buffer> {
  const draws = new Draws(fold(keyOf(seed), 1));
  const colors = Array.from({ length: 64 * 3 }, () => draws.int(256));
  const data = new Uint8Array(side * side * 3);
  for (let i = 0; i < side * side; i++) {
    const block = 8 * Math.floor((8 * Math.floor(i / side)) / side) + Math.floor((8 * (i % side)) / side);
    data.set(colors.slice(3 * block, 3 * block + 3), 3 * i);
  }
  return encodeImage({ data, width: side, height: side }, 'jpeg');
}

beforeAll(async () => {
  for (let i = 0; i < 40; i++) {
    const folder = join(photos, i % 4 === 0 ? 'cat' : 'dog');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${i}.jpg`), await picture(i));
  }
}, 60_000);

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function rxaug(...args: string[]): Promise<Ended> {
  return new Promise((done) =>
    execFile(process.execPath, [cli, ...args], (error, out, err) =>
      done({ code: error ? Number(error.code ?? -1) : 0, out, err }),
    ),
  );
}

let scripts = 0;
/** A pipeline whose prepare returns these fields, as code. */
function script(fields: string, data = photos): string {
  const file = join(root, `pipeline-${scripts++}.mjs`);
  const index = new URL('../../dist/index.js', import.meta.url).href;
  const face = new URL('../../dist/faces/prepare.js', import.meta.url).href;
  writeFileSync(
    file,
    `import * as rxaug from ${JSON.stringify(index)};
import * as prepare from ${JSON.stringify(face)};
const { horizontalFlip, rotate, cutout } = rxaug;
const { openSource, sizeFilter, sharpnessFilter } = prepare;
export default rxaug.definePipeline({
  name: 'made',
  settings: {},
  prepare: () => ({ source: openSource(${JSON.stringify(data)}), ${fields} }),
  batches: () => rxaug.imageFolder(${JSON.stringify(data)}).pipe(rxaug.batch(4)),
});
`,
  );
  return file;
}

const manifestOf = (out: string) => JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('rxaug prepare', () => {
  it('passes files on as they are where no pixel changes, and counts every image', async () => {
    const out = join(root, 'passed');
    const { code, err } = await rxaug(
      'prepare',
      script('split: { train: 0.7, test: 0.3 }, shardSize: 12'),
      '--out',
      out,
    );
    expect(err, err).not.toContain('rxaug:');
    expect(code).toBe(0);
    const { counts, splits, statistics } = manifestOf(out);
    const train = splits.train?.samples ?? 0;
    expect(counts).toMatchObject({ images: 40, samples: 40, passed: 40, pixels: train * 48 * 48 });
    expect(normalize(statistics).transform.options).toMatchObject(statistics); // as they are, of train alone
    expect((splits.train?.samples ?? 0) + (splits.test?.samples ?? 0)).toBe(40);
    const bytes = new Set<string>();
    for (const split of ['train', 'test']) {
      const data = await openWebdataset(join(out, `${split}-*.tar`), { cache: false });
      expect(data.classes).toEqual(['cat', 'dog']);
      for (let i = 0; i < data.length; i++) {
        const { image } = data.item(i);
        if (image.kind !== 'range') throw new Error('a range is expected');
        const tar = readFileSync(image.path);
        bytes.add(sha256(tar.subarray(image.offset, image.offset + image.length)));
      }
    }
    const sources = Array.from({ length: 40 }, (_, i) =>
      readFileSync(join(photos, i % 4 === 0 ? 'cat' : 'dog', `${i}.jpg`)),
    );
    expect(bytes).toEqual(new Set(sources.map(sha256)));
    expect((await rxaug('verify', out)).code).toBe(0);
  }, 120_000);

  it('is the same bytes from shares of machines, put together by finish', async () => {
    const pipeline = script(
      "split: { train: 0.8, val: 0.2 }, copies: 2, augment: [rotate(30)], balance: { to: 'largest' }, size: 32, shardSize: 10",
    );
    const [here, there] = [join(root, 'here'), join(root, 'there')];
    expect((await rxaug('prepare', pipeline, '--out', here, '--seed', '4')).code).toBe(0);
    expect((await rxaug('prepare', pipeline, '--out', there, '--seed', '4', '--plan-only')).code).toBe(0);
    const early = await rxaug('finish', there);
    expect(early.code).toBe(1);
    expect(early.err).toMatch(/finish: \d+ of \d+ shards are missing \(train-000000, /);
    const parts = await Promise.all(
      [0, 1, 2].map((i) => rxaug('prepare', there, '--shard', `${i}/3`, '--workers', '1')),
    );
    expect(parts.map(({ code }) => code)).toEqual([0, 0, 0]);
    expect((await rxaug('finish', there)).code).toBe(0);
    expect(tree(there)).toEqual(tree(here));
    const { splits } = manifestOf(here);
    const { cat = 0, dog = 0 } = splits.train?.byClass ?? {};
    expect(cat).toBe(dog);
  }, 180_000);

  it('adds new images without touching old shards, and moves none of the old ones', async () => {
    const data = join(root, 'growing');
    for (const name of ['cat', 'dog']) mkdirSync(join(data, name), { recursive: true });
    for (let i = 0; i < 40; i++)
      copyFileSync(
        join(photos, i % 4 === 0 ? 'cat' : 'dog', `${i}.jpg`),
        join(data, i % 4 === 0 ? 'cat' : 'dog', `${i}.jpg`),
      );
    const pipeline = script('split: { train: 0.8, val: 0.2 }, shardSize: 10', data);
    const out = join(root, 'grown');
    expect((await rxaug('prepare', pipeline, '--out', out)).code).toBe(0);
    const before = tree(out);
    for (let i = 40; i < 44; i++) writeFileSync(join(data, 'dog', `${i}.jpg`), await picture(i));
    const refused = await rxaug('prepare', pipeline, '--out', out);
    expect(refused.code).toBe(2);
    expect(refused.err).toContain('add new images with --append');
    expect((await rxaug('prepare', pipeline, '--out', out, '--append')).code).toBe(0);
    const after = tree(out);
    for (const name of Object.keys(before).filter((name) => name.endsWith('.tar')))
      expect(after[name]).toBe(before[name]);
    expect(manifestOf(out).counts).toMatchObject({ images: 44, samples: 44 });
    expect((await rxaug('verify', out)).code).toBe(0);
    writeFileSync(join(data, 'dog', '1.jpg'), await picture(1000));
    const changed = await rxaug('prepare', pipeline, '--out', out, '--append');
    expect(changed.code).toBe(2);
    expect(changed.err).toContain(
      '1 images have changed since they were written, or their labels, boxes, keypoints or masks have, such as dog/1.jpg',
    );
  }, 180_000);

  it('keeps near-duplicates in one split, or one of each', async () => {
    const data = join(root, 'twins');
    const sharp = await loadSharp();
    for (let i = 0; i < 24; i++) {
      mkdirSync(join(data, 'one'), { recursive: true });
      const bytes = await picture(500 + i, 96);
      writeFileSync(join(data, 'one', `${i}.jpg`), bytes);
      writeFileSync(
        join(data, 'one', `${i}-small.jpg`),
        await sharp(bytes).resize(64).jpeg({ quality: 60 }).toBuffer(),
      );
    }
    const out = join(root, 'twins-out');
    const fields = 'split: { train: 0.5, val: 0.5 }, shardSize: 50';
    expect((await rxaug('prepare', script(fields, data), '--out', out)).code).toBe(0);
    const { near, counts } = manifestOf(out);
    expect(near).toMatchObject({ groups: 24, images: 48 });
    expect(near.leaksPrevented).toBeGreaterThan(4);
    expect(counts.images).toBe(48);
    const sides = new Map<string, Set<string>>();
    for (const split of ['train', 'val']) {
      const set = await openWebdataset(join(out, `${split}-*.tar`), { cache: false });
      for (let i = 0; i < set.length; i++) {
        const stem = /\/(\d+)/.exec(set.item(i).id)?.[1] as string;
        sides.set(stem, (sides.get(stem) ?? new Set()).add(split));
      }
    }
    expect([...sides.values()].every((set) => set.size === 1)).toBe(true);
    const single = join(root, 'twins-single');
    expect(
      (await rxaug('prepare', script(`${fields}, nearDuplicates: 'drop'`, data), '--out', single)).code,
    ).toBe(0);
    expect(manifestOf(single)).toMatchObject({
      counts: { images: 24 },
      near: { dropped: 24 },
      refused: { 'near-duplicate': 24 },
    });
  }, 180_000);

  it('leaves out what filters refuse, what cannot be read and what needs too much memory, by name, and keeps the rest', async () => {
    const data = join(root, 'mixed');
    mkdirSync(join(data, 'one'), { recursive: true });
    for (let i = 0; i < 12; i++) writeFileSync(join(data, 'one', `${i}.jpg`), await picture(800 + i));
    writeFileSync(join(data, 'one', 'tiny.jpg'), await picture(820, 16));
    writeFileSync(join(data, 'one', 'text.jpg'), 'no image at all');
    writeFileSync(join(data, 'one', 'cut.jpg'), await picture(821));
    truncateSync(join(data, 'one', 'cut.jpg'), 700);
    const sharp = await loadSharp();
    const large = sharp({ create: { width: 7900, height: 7900, channels: 3, background: '#123456' } });
    writeFileSync(join(data, 'one', 'large.png'), await large.png({ compressionLevel: 9 }).toBuffer());
    const out = join(root, 'mixed-out');
    const fields = "filters: [sizeFilter({ min: 32 })], nearDuplicates: 'ignore', size: 40, shardSize: 8";
    const { code, err } = await rxaug(
      'prepare',
      script(fields, data),
      '--out',
      out,
      '--memory',
      '280',
      '--max-refused',
      '1',
    );
    expect(code, err).toBe(3);
    expect(err).toContain(
      'large.png: its rendering ended the process (more than 280 MB of memory); it is left out',
    );
    const manifest = manifestOf(out);
    expect(manifest.counts.samples).toBe(12);
    expect(manifest.refused).toEqual({ unreadable: 1, size: 1, 'not rendered': 2 });
    const lines = readFileSync(join(out, 'refused.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; reason: string });
    expect(Object.fromEntries(lines.map(({ id, reason }) => [id, reason]))).toMatchObject({
      'one/tiny.jpg': 'its shorter side is below 32 pixels',
      'one/text.jpg': expect.stringContaining('expected a JPEG'),
      'one/cut.jpg': expect.stringMatching(/^this .* cut short/),
      'one/large.png': expect.stringContaining('memory'),
    });
    expect((await rxaug('verify', out)).code).toBe(0);
  }, 180_000);

  it('stops cleanly where an image has changed since it was planned', async () => {
    const data = join(root, 'changing');
    mkdirSync(join(data, 'one'), { recursive: true });
    for (let i = 0; i < 6; i++) writeFileSync(join(data, 'one', `${i}.jpg`), await picture(900 + i));
    const pipeline = script('shardSize: 3', data);
    const out = join(root, 'changing-out');
    expect((await rxaug('prepare', pipeline, '--out', out, '--plan-only')).code).toBe(0);
    const original = readFileSync(join(data, 'one', '2.jpg'));
    writeFileSync(join(data, 'one', '2.jpg'), await picture(999));
    const changed = await rxaug('prepare', pipeline, '--out', out, '--resume');
    expect(changed.code).toBe(1);
    expect(changed.err).toContain('one/2.jpg is not what was planned');
    rmSync(join(data, 'one', '2.jpg'));
    const gone = await rxaug('prepare', out, '--shard', '0/1');
    expect(gone.code).toBe(1);
    expect(gone.err).toContain('restore it');
    writeFileSync(join(data, 'one', '2.jpg'), original);
    expect((await rxaug('prepare', pipeline, '--out', out, '--resume')).code).toBe(0);
    expect(manifestOf(out).counts.samples).toBe(6);
  }, 120_000);

  it('verify names what was changed, cut and lost', async () => {
    const out = join(root, 'verified');
    expect((await rxaug('prepare', script('shardSize: 10'), '--out', out)).code).toBe(0);
    const tar = join(out, 'train-000000.tar');
    const bytes = readFileSync(tar);
    bytes[600] = (bytes[600] as number) ^ 1;
    writeFileSync(tar, bytes);
    truncateSync(join(out, 'train-000001.tar'), 1000);
    rmSync(join(out, 'train-000002.tar'));
    writeFileSync(join(out, 'note.txt'), 'mine');
    const { code, err, out: text } = await rxaug('verify', out, '--json');
    expect(code).toBe(1);
    const { faults, others } = JSON.parse(text) as {
      faults: { file: string; reason: string }[];
      others: string[];
    };
    expect(faults.map(({ file, reason }) => `${file}: ${reason.split(';')[0]}`)).toEqual([
      'train-000000.tar: its bytes are not those that were written',
      expect.stringMatching(/^train-000001\.tar: it has 1000 bytes and not \d+$/),
      'train-000002.tar: it is missing',
    ]);
    expect(others).toEqual(['note.txt']);
    expect(err).toContain('note.txt');
  }, 120_000);

  it.each([
    ['an unknown field', 'spilt: { train: 1 }', "unknown field 'spilt'; did you mean 'split'?"],
    ['shares that do not sum to 1', 'split: { train: 0.5, val: 0.2 }', 'shares that sum to 1'],
    ['copies without transforms', 'copies: 3', 'copies and balance make several samples of one image'],
    ['normalize', 'augment: [rxaug.normalize()]', 'normalize() makes no plain pixels'],
    ['an unknown format', "format: 'webdatset'", "did you mean 'webdataset'?"],
    ['a split that is not there', "split: { train: 1 }, augmented: ['tran']", "'tran' is no split"],
  ])('refuses %s before anything is read', async (_, fields, sentence) => {
    const { code, err } = await rxaug('prepare', script(fields), '--out', join(root, `bad-${scripts}`));
    expect(code).toBe(2);
    expect(err).toContain(sentence);
    expect(err.trim().split('\n')).toHaveLength(1);
  });
});
