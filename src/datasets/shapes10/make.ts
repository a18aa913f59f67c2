import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { makeFolder } from '../../core/files/make-folder.js';
import { replaceFile } from '../../core/files/write-file.js';
import { type Dataset, parseOptions } from '../../core/index.js';
import { TarWriter } from '../../io/archive/tar-writer.js';
import { openWebdataset } from '../../io/archive/webdataset.js';
import { cacheDir } from '../../io/cache-dir.js';
import { classesOption, givenClasses, numbersIn } from '../../io/classes.js';
import { Decoder } from '../../io/decode/decode.js';
import type { OpenedDataset } from '../../io/problems.js';
import { SHAPES } from './glyphs.js';
import { type Picture, renderSheet, SHEET } from './sheet.js';

/** Increased whenever the same options give other pictures. */
const VERSION = 1;
const PER_SHARD = 5000;
const OWNER = 'shapes10';

const common = {
  split: z.enum(['train', 'test']).default('train'),
  /** Pictures: 2,000 to train and 1,000 to test unless given. The first n of a larger set are the set of n. */
  count: z.number().int().min(1).max(10_000_000).optional(),
  /** Seed of the pictures. Default 0. */
  dataSeed: z.number().int().min(0).default(0),
  /** Pixels a side. */
  size: z.number().int().min(16).max(512).default(32),
  /** Sheets rendered at once, each on a thread of its own. Default 2. */
  concurrency: z.number().int().min(1).max(64).default(2),
  onProgress: z.custom<(done: number, total: number) => void>((f) => typeof f === 'function').optional(),
};

export const shapes10Schema = z.strictObject({
  ...common,
  /** Where the shards are kept: the user's cache folder unless given. */
  dir: z.string().optional(),
  /** All class names, or the path of a file with one a line: the ten shapes are matched to it by name. */
  classes: classesOption,
});
const memorySchema = z.strictObject(common);

/** Options of `shapes10`, `openShapes10` and `makeShapes10`. */
export type Shapes10Options = z.input<typeof shapes10Schema>;
/** Options of `shapes10InMemory`: those of `shapes10` without `dir` and `classes`. */
export type Shapes10MemoryOptions = z.input<typeof memorySchema>;

/** `complete.json`: the complete shards, each noted when it is written; others are made again. */
const completeSchema = z.strictObject({
  version: z.literal(VERSION),
  count: z.int(),
  shards: z.array(z.strictObject({ name: z.string(), sha256: z.string() })),
});
type Complete = z.infer<typeof completeSchema>;

/**
 * `shapes10` as a data set with random access; makes it first if it is not there.
 *
 * @throws UsageError for bad options
 *
 * @example
 * const data = await openShapes10({ count: 20, dir: 'shapes' });
 * data.length // → 20
 */
export async function openShapes10(options: Shapes10Options = {}): Promise<OpenedDataset> {
  const { split, dir, classes } = parseOptions(OWNER, shapes10Schema, options);
  const asked = givenClasses(OWNER, classes);
  if (asked) numbersIn(OWNER, 'shapes10', SHAPES, asked);
  const paths = await makeShapes10(options);
  // Without `classes`, the names in classes.txt next to the shards apply.
  return openWebdataset(paths, { classes: asked, name: `${OWNER}-${split}`, cache: dir === undefined });
}

/**
 * Makes the shards of `shapes10` that are missing or damaged and returns the paths of all.
 *
 * Ten classes of rendered outlines; pose, scale, color, texture, clutter, occlusion, light, noise and JPEG quality depend
 * on (`dataSeed`, split, index) alone. Shards are in the WebDataset layout, 5,000 images each. An interrupted run keeps
 * the shards that are complete.
 *
 * @param options `split`, `count`, `dataSeed`, `size`, `dir`, `concurrency` (sheets rendered at once, default 2),
 * `onProgress(done, total)`
 * @throws UsageError for bad options; RxaugError if the folder cannot be written
 *
 * @example
 * const shards = await makeShapes10({ count: 20, dir: 'shapes' });
 * shards.length // → 1
 */
export async function makeShapes10(options: Shapes10Options = {}): Promise<string[]> {
  const o = parseOptions(OWNER, shapes10Schema, options);
  const count = o.count ?? defaultCount(o.split);
  const folder = join(
    o.dir ?? cacheDir(OWNER),
    `v${VERSION}-${o.size}px-seed${o.dataSeed}-${o.split}-${count}`,
  );
  const shards = Math.ceil(count / PER_SHARD);
  const names = Array.from(
    { length: shards },
    (_, s) => `${OWNER}-${o.split}-${String(s).padStart(3, '0')}.tar`,
  );
  const paths = names.map((name) => join(folder, name));
  const marker = join(folder, 'complete.json');
  const known = readComplete(marker, count);
  const sound = (s: number) =>
    known.has(names[s] as string) && known.get(names[s] as string) === digestOf(paths[s] as string);
  const missing = names.map((_, s) => s).filter((s) => !sound(s));
  if (missing.length === 0) return paths;
  makeFolder(folder);
  const range = (s: number) => [s * PER_SHARD, Math.min(count, (s + 1) * PER_SHARD)] as const;
  const total = missing.reduce((sum, s) => sum + range(s)[1] - range(s)[0], 0);
  let done = 0;
  for (const s of missing) known.delete(names[s] as string);
  replaceFile(join(folder, 'classes.txt'), `${SHAPES.join('\n')}\n`);
  for (const s of missing) {
    const writer = new TarWriter(paths[s] as string);
    try {
      for await (const { index, label, jpeg } of pictures(...range(s), o)) {
        const key = `${SHAPES[label]}-${String(index).padStart(6, '0')}`;
        writer.add(`${key}.jpg`, jpeg);
        writer.add(`${key}.cls`, String(label));
        o.onProgress?.(++done, total);
      }
      writer.finish();
    } finally {
      writer.dispose();
    }
    known.set(names[s] as string, writer.sha256);
    const whole = names.flatMap((name) => {
      const sha256 = known.get(name);
      return sha256 === undefined ? [] : [{ name, sha256 }];
    });
    const complete: Complete = { version: VERSION, count, shards: whole };
    replaceFile(marker, `${JSON.stringify(complete, null, 2)}\n`);
  }
  return paths;
}

/**
 * `shapes10` as pixels in shared memory, without files: size² × 3 bytes per image.
 *
 * @param options `split`, `count`, `dataSeed`, `size`, `concurrency`, `onProgress(done, total)`
 * @throws UsageError for bad options
 *
 * @example
 * const data = await shapes10InMemory({ count: 10 });
 * data.item(1).id // → 'shapes10-train/ring-000001'
 */
export async function shapes10InMemory(options: Shapes10MemoryOptions = {}): Promise<Dataset> {
  const o = parseOptions(OWNER, memorySchema, options);
  const count = o.count ?? defaultCount(o.split);
  const { size } = o;
  const bytes = 3 * size * size;
  const memory = new Uint8Array(new SharedArrayBuffer(count * bytes));
  const decoder = new Decoder();
  let done = 0;
  for await (const { index, jpeg } of pictures(0, count, o)) {
    const place = () => memory.subarray(index * bytes, (index + 1) * bytes);
    await decoder.decode({ kind: 'bytes', bytes: jpeg }, place, `${OWNER}/${index}`);
    o.onProgress?.(++done, count);
  }
  decoder.dispose();
  return {
    name: `${OWNER}-${o.split}`,
    classes: [...SHAPES],
    length: count,
    item(i) {
      if (!(i >= 0 && i < count)) throw new RangeError(`${OWNER}: there is no item ${i} among ${count}`);
      const data = memory.subarray(i * bytes, (i + 1) * bytes);
      const label = i % SHAPES.length;
      const image = { kind: 'pixels', data, width: size, height: size, channels: 3 } as const;
      return { id: `${OWNER}-${o.split}/${SHAPES[label]}-${String(i).padStart(6, '0')}`, image, label };
    },
  };
}

/** Pictures first..end−1 in order, a few sheets ahead. */
async function* pictures(
  first: number,
  end: number,
  o: z.output<typeof memorySchema>,
): AsyncGenerator<Picture> {
  const ahead: Promise<Picture[]>[] = [];
  let next = first;
  const start = () => {
    // A sheet that fails while another is awaited must not end the process.
    const sheet = renderSheet(next, Math.min(SHEET, end - next), { ...o, seed: o.dataSeed });
    sheet.catch(() => {});
    ahead.push(sheet);
    next += SHEET;
  };
  while (next < end && ahead.length < o.concurrency) start();
  for (let sheet = ahead.shift(); sheet; sheet = ahead.shift()) {
    const made = await sheet;
    if (next < end) start();
    yield* made;
  }
}

function defaultCount(split: 'train' | 'test'): number {
  return split === 'train' ? 2000 : 1000;
}

/** Names and digests of the complete shards; none if the file is missing or damaged. */
function readComplete(path: string, count: number): Map<string, string> {
  try {
    const known = completeSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
    if (known.count === count) return new Map(known.shards.map(({ name, sha256 }) => [name, sha256]));
  } catch {}
  return new Map();
}

/** Undefined for a file that is not there or cannot be read. */
function digestOf(path: string): string | undefined {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return undefined;
  }
}
