/** How often each image is written, so that small classes are not small any more. */
import { z } from 'zod';
import { expected, parseOptions, show, UsageError } from '../core/index.js';
import { fold, keyOf, tag } from '../core/random.js';
import { keyedUniform } from './split/keyed.js';

export const balanceSchema = z.strictObject({
  /**
   * Images that each class is brought to: 'none' leaves all as they are, 'largest' means as many as the largest class
   * has, a number means so many. Classes that have more keep all their images.
   */
  to: z
    .union(
      [z.literal('none'), z.literal('largest'), z.int().min(1)],
      "expected 'none', 'largest' or a number of images ≥ 1",
    )
    .default('none'),
  /** Copies by class, in place of `to` for the classes named: 2.5 writes all twice and half of them once more, 0.1 writes a tenth. */
  factors: z.record(z.string(), z.number().min(0).max(1e6)).default({}),
  /** Copies of one image at most; classes that stay smaller for that reason are named. */
  most: z.int().min(1).max(1e6).default(1000),
  /** Key of who gets one copy more. */
  seed: z.int().min(0).default(0),
});

/** Options of `balanceCopies`: `to`, `factors`, `most`, `seed`. */
export type BalanceOptions = z.input<typeof balanceSchema>;

/** The images to balance, in columns: those of one split, for there is nothing to balance in images that only test. */
export interface BalanceRows {
  readonly length: number;
  readonly classes: readonly string[];
  /** Class of each image; -1, for none, is written once. */
  readonly label: Int32Array;
  /** Unique and lasting name of image i, such as its content hash and its id: not its place, which moves when images are added. */
  key(i: number): string;
}

/** What became of a class. */
export interface BalancedClass {
  readonly name: string;
  /** Before. */
  readonly images: number;
  /** After: all copies. */
  readonly written: number;
  /** Images that are not written at all, by a factor below 1. */
  readonly leftOut: number;
  /** Copies that `most` did not allow. */
  readonly short: number;
}

/** Copies by image, and what became of each class that has images. */
export interface Balanced {
  /** 1 for an image that is written once, 0 for one that is left out. */
  readonly copies: Uint32Array;
  readonly classes: readonly BalancedClass[];
}

/**
 * Copies per image, so that each class comes to the number asked for, exactly. Within a class copies differ by at most one;
 * who gets one more is keyed by seed and the image's own key, so the order of the images does not matter, and images that are added change the copies
 * of the others no more than the new numbers ask for: of one class none gets a copy more while another gets one less.
 *
 * @throws UsageError for a factor of an unknown class
 * @example
 * const rows = { length: 3, classes: ['cat', 'dog'], label: Int32Array.of(0, 0, 1), key: (i: number) => `image ${i}` };
 * [...balanceCopies(rows, { to: 'largest' }).copies] // → [ 1, 1, 2 ]
 */
export function balanceCopies(rows: BalanceRows, options: BalanceOptions = {}): Balanced {
  const o = parseOptions('balance', balanceSchema, options);
  const { length, classes } = rows;
  const unknown = Object.keys(o.factors).find((name) => !classes.includes(name));
  if (unknown !== undefined)
    throw new UsageError(
      `balance: factors: there is no class ${show(unknown)}; the classes are ${show(classes)}`,
    );
  const members = membersOf(rows);
  const largest = members.reduce((most, { length: n }) => Math.max(most, n), 0);
  const copies = new Uint32Array(length).fill(1);
  const key = fold(keyOf(o.seed), tag('prepare-balance'));
  const report: BalancedClass[] = [];
  for (const [c, own] of members.entries()) {
    const n = own.length;
    if (n === 0) continue;
    const name = classes[c] as string;
    const factor = Object.hasOwn(o.factors, name) ? o.factors[name] : undefined;
    const to = o.to === 'none' ? n : o.to === 'largest' ? largest : Math.max(n, o.to);
    const wanted = factor === undefined ? to : Math.round(factor * n);
    const written = Math.min(wanted, o.most * n);
    const each = Math.floor(written / n);
    for (const i of own) copies[i] = each;
    const extra = written - each * n;
    for (const i of extra > 0 ? firstByKey(own, extra, (i) => keyedUniform(key, rows.key(i))) : [])
      copies[i] = each + 1;
    const leftOut = Math.max(0, n - written);
    report.push({ name, images: n, written, leftOut, short: wanted - written });
  }
  return { copies, classes: report };
}

/** The images of each class. */
function membersOf({ length, classes, label }: BalanceRows): Uint32Array[] {
  const counts = new Uint32Array(classes.length);
  for (let i = 0; i < length; i++) {
    const c = label[i] as number;
    if (c === -1) continue;
    if (!(c >= 0 && c < classes.length))
      throw new UsageError(expected(`balance: the class of image ${i}`, `-1..${classes.length - 1}`, c));
    counts[c] = (counts[c] as number) + 1;
  }
  const lists = Array.from(counts, (n) => new Uint32Array(n));
  counts.fill(0);
  for (let i = 0; i < length; i++) {
    const c = label[i] as number;
    if (c < 0) continue;
    const at = counts[c] as number;
    (lists[c] as Uint32Array)[at] = i;
    counts[c] = at + 1;
  }
  return lists;
}

/** The `count` images with the smallest numbers; equal keys, of equal images, stay in their order. */
function firstByKey(images: Uint32Array, count: number, number: (i: number) => number): Uint32Array {
  const place = Float64Array.from(images, number);
  const order = Uint32Array.from(images.keys());
  order.sort((a, b) => (place[a] as number) - (place[b] as number) || a - b);
  return order.subarray(0, count).map((at) => images[at] as number);
}
