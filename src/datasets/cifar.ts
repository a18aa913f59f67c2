import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { type Item, parseOptions, RxaugError, UsageError } from '../core/index.js';
import { classesOption, givenClasses, numbered, numbersIn, readClasses } from '../io/classes.js';
import { unreadable } from '../io/files.js';
import { type OpenedDataset, type Problem, problem } from '../io/problems.js';
import { refuseUrl } from '../io/remote/shown-place.js';

export const cifarSchema = z.strictObject({
  version: z.union([z.literal(10), z.literal(100)]).default(10),
  split: z.enum(['train', 'test']).default('train'),
  /** Of CIFAR-100: the 100 classes, or the 20 groups of them. */
  labels: z.enum(['fine', 'coarse']).default('fine'),
  /** All class names, or the path of a file with one a line: those of the data are matched to it by name. */
  classes: classesOption,
});

/** Options of `cifar` and `openCifar`: `version`, `split`, `labels`, `classes`. */
export type CifarOptions = z.input<typeof cifarSchema>;

const OWNER = 'cifar';
const SIDE = 32;
const PLANE = SIDE * SIDE;

/**
 * CIFAR-10 or CIFAR-100 in the binary version (Krizhevsky, 2009) as a data set with random access: 32 × 32 RGB images.
 * Records (label bytes and 3,072 bytes in planes) are converted to [H, W, C] once, in shared memory that workers read
 * without copying: 154 MB for the 50,000 training images, 31 MB for the 10,000 test images.
 *
 * @param dir the extracted folder: `data_batch_1.bin` … or `train.bin`, with the file of class names
 * @param options `version` (10 or 100, default 10), `split` ('train' or 'test', default 'train'), `labels` ('fine' or
 * 'coarse', of CIFAR-100, default 'fine'), `classes` (a list of names to match)
 * @throws UsageError if a file cannot be read, or is the Python version; RxaugError if it holds no complete record
 *
 * @example
 * const data$ = samples(() => openCifar('cifar-10-batches-bin'), { shuffle: true });
 */
export async function openCifar(dir: string, options: CifarOptions = {}): Promise<OpenedDataset> {
  const { version, split, labels, classes: asked } = parseOptions(OWNER, cifarSchema, options);
  refuseUrl(OWNER, dir);
  const head = version === 10 ? 1 : 2;
  const at = version === 100 && labels === 'fine' ? 1 : 0;
  const given = givenClasses(OWNER, asked);
  const own = classesOf(dir, version, labels, given !== undefined);
  const classes = given ?? own;
  const numbers = numbersIn(OWNER, `'${dir}'`, own, classes);
  const problems: Problem[] = [];
  const names = filesOf(version, split);
  const files = names.map((name) => read(dir, name, names));
  const record = head + 3 * PLANE;
  const most = files.reduce((sum, file) => sum + Math.floor(file.length / record), 0);
  const pixels = new Uint8Array(new SharedArrayBuffer(most * 3 * PLANE));
  const kept: { file: number; record: number; label: number }[] = [];
  files.forEach((bytes, f) => {
    const name = names[f] as string;
    const rest = bytes.length % record;
    if (rest > 0)
      problems.push(problem(name, `it is cut short by ${record - rest} bytes; download it again`));
    for (let r = 0; r + 1 <= bytes.length / record; r++) {
      const start = r * record;
      const label = bytes[start + at] as number;
      if (label >= own.length) {
        const reason = `its label ${label} is not in 0..${own.length - 1}; download the file again`;
        problems.push(problem(`${name}/${r}`, reason));
        continue;
      }
      interleave(bytes, start + head, pixels, kept.length * 3 * PLANE);
      kept.push({ file: f, record: r, label: numbers[label] as number });
    }
  });
  if (kept.length === 0)
    throw new RxaugError(
      `${OWNER}: ${join(dir, names[0] as string)} holds no whole record; download it again`,
    );
  return {
    name: `cifar${version}-${split}`,
    classes,
    length: kept.length,
    problems,
    item(i: number): Item {
      const k = kept[i];
      if (!k) throw new RangeError(`${OWNER}: there is no item ${i} among ${kept.length}`);
      const data = pixels.subarray(i * 3 * PLANE, (i + 1) * 3 * PLANE);
      const image = { kind: 'pixels', data, width: SIDE, height: SIDE, channels: 3 } as const;
      return { id: `${names[k.file]}/${k.record}`, image, label: k.label };
    },
  };
}

/** Three planes to interleaved RGB. */
function interleave(src: Uint8Array, from: number, dst: Uint8Array, to: number): void {
  for (let i = 0, at = to; i < PLANE; i++, at += 3) {
    dst[at] = src[from + i] as number;
    dst[at + 1] = src[from + PLANE + i] as number;
    dst[at + 2] = src[from + 2 * PLANE + i] as number;
  }
}

function filesOf(version: 10 | 100, split: 'train' | 'test'): string[] {
  if (version === 100) return [`${split}.bin`];
  return split === 'test' ? ['test_batch.bin'] : [1, 2, 3, 4, 5].map((i) => `data_batch_${i}.bin`);
}

function classesOf(dir: string, version: 10 | 100, labels: 'fine' | 'coarse', needed: boolean): string[] {
  const file = version === 10 ? 'batches.meta.txt' : `${labels}_label_names.txt`;
  const path = join(dir, file);
  const count = version === 10 ? 10 : labels === 'fine' ? 100 : 20;
  if (!existsSync(path)) {
    if (!needed) return numbered(count);
    throw new UsageError(
      `${OWNER}: classes: expected ${path}, whose names are matched to classes, but it does not exist; download it, or remove classes`,
    );
  }
  const names = readClasses(OWNER, path);
  if (names.length === count) return names;
  throw new UsageError(
    `${OWNER}: ${path} names ${names.length} classes, not ${count}; download it again or remove it`,
  );
}

function read(dir: string, name: string, names: readonly string[]): Buffer {
  const path = join(dir, name);
  try {
    return readFileSync(path);
  } catch (error) {
    const python = existsSync(path.replace(/\.bin$/, ''));
    const hint = python
      ? '; this is the Python version, download the binary version'
      : `; the folder needs ${names.join(', ')}`;
    throw new UsageError(`${OWNER}: ${unreadable(error, resolve(path))}${hint}`, { cause: error });
  }
}
