/**
 * Files that hold many images of one size, as a data set with random access: what raw caches, NumPy arrays, IDX files and
 * CIFAR batches have in common. Twelve bytes of memory an image, besides its label's distribution and targets.
 */
import { type ImageRef, type Item, type Label, RxaugError, type Targets } from '../core/index.js';
import type { RawLabel } from './archive/shard-index.js';
import { type LabelCheck, refused } from './classes.js';
import { type FileVersions, type OpenedDataset, type Problem, problem } from './problems.js';

/** The images of one file, one behind the other. */
export interface PixelTable {
  /** Short and unique: the first part of its images' ids. */
  readonly id: string;
  readonly count: number;
  /** What identifies the bytes of its files, those of its masks too. */
  readonly versions?: FileVersions;
  /** The second part of an image's id, default its number. */
  nameAt?(k: number): string;
  imageAt(k: number): ImageRef;
  /** As stored; undefined in data without labels. */
  labelAt?(k: number): RawLabel | Float32Array;
  targetsAt?(k: number): Targets | undefined;
}

/** Images of one file that are named where they cannot be used; further ones are counted. */
const NAMED = 100;

/**
 * @param owner the reader, in errors
 * @param problems gets those of labels
 * @throws RxaugError if no image is usable
 */
export function openTables(
  owner: string,
  name: string,
  tables: readonly PixelTable[],
  check: LabelCheck,
  problems: Problem[],
  boxClasses?: readonly string[],
): OpenedDataset {
  const most = tables.reduce((sum, { count }) => sum + count, 0);
  const [table, place, label] = [new Uint32Array(most), new Uint32Array(most), new Int32Array(most)];
  const soft = new Map<number, Float32Array>();
  let n = 0;
  tables.forEach((own, t) => {
    let left = 0;
    for (let k = 0; k < own.count; k++) {
      const checked = own.labelAt ? check.check(own.labelAt(k)) : 0;
      if (refused(checked)) {
        if (left++ < NAMED) problems.push(problem(`${own.id}/${nameOf(own, k)}`, checked.reason));
        continue;
      }
      table[n] = t;
      place[n] = k;
      if (typeof checked === 'number') label[n] = checked;
      else soft.set(n, checked);
      n++;
    }
    if (left > NAMED)
      problems.push(
        problem(own.id, `${left - NAMED} labels more are wrong as the first ${NAMED}; correct them`),
      );
  });
  if (n === 0) {
    const first = problems[0];
    const why = first ? `${first.where}: ${first.reason}` : 'it holds none; check the path';
    throw new RxaugError(`${owner}: no usable image in ${name}; ${why}`);
  }
  const versions = new Map(tables.flatMap(({ versions = [] }) => versions));
  return {
    name,
    classes: check.classes,
    length: n,
    problems,
    ...(boxClasses && { boxClasses }),
    versionOf: (path) => versions.get(path),
    item(i: number): Item {
      const own = i < n ? tables[table[i] as number] : undefined;
      if (!own) throw new RangeError(`${name}: there is no item ${i} among ${n}`);
      const k = place[i] as number;
      const targets = own.targetsAt?.(k);
      const value: Label = soft.get(i) ?? (label[i] as number);
      return {
        id: `${own.id}/${nameOf(own, k)}`,
        image: own.imageAt(k),
        label: value,
        ...(targets && { targets }),
      };
    },
  };
}

const nameOf = (table: PixelTable, k: number) => table.nameAt?.(k) ?? String(k);
