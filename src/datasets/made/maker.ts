/** What a data set that is made here consists of, and the options that all of them have. */
import { z } from 'zod';
import { classesOption } from '../../io/classes.js';

export interface Picture {
  readonly index: number;
  readonly label: number;
  readonly jpeg: Buffer;
}

export interface PictureOptions {
  readonly seed: number;
  readonly split: 'train' | 'test';
  /** Pixels a side. */
  readonly size: number;
}

/** A data set that is made here: classes take turns, so any count is as balanced as possible. */
export interface Maker {
  /** Its name, and that of its folder in the cache. */
  readonly owner: string;
  /** Increased whenever the same options give other pictures. */
  readonly version: number;
  readonly classes: readonly string[];
  /** The most pictures of one call of `render`. */
  readonly atOnce: number;
  /** Pictures first..first+count−1; each depends on (seed, split, index) alone. */
  render(first: number, count: number, options: PictureOptions): Promise<Picture[]>;
}

const common = {
  split: z.enum(['train', 'test']).default('train'),
  /** Pictures: 2,000 to train and 1,000 to test unless given. The first n of a larger set are the set of n. */
  count: z.number().int().min(1).max(10_000_000).optional(),
  /** Seed of the pictures. Default 0. */
  dataSeed: z.number().int().min(0).default(0),
  /** Pixels a side. */
  size: z.number().int().min(16).max(512).default(32),
  /** Groups of pictures rendered at once. Default 2. */
  concurrency: z.number().int().min(1).max(64).default(2),
  onProgress: z.custom<(done: number, total: number) => void>((f) => typeof f === 'function').optional(),
};

export const madeSchema = z.strictObject({
  ...common,
  /** Where the shards are kept: the user's cache folder unless given. */
  dir: z.string().optional(),
  /** All class names, or the path of a file with one a line: the classes are matched to it by name. */
  classes: classesOption,
});
export const madeMemorySchema = z.strictObject(common);

export type MadeOptions = z.output<typeof madeSchema>;
export type MadeMemoryOptions = z.output<typeof madeMemorySchema>;

export function countOf({ split, count }: MadeMemoryOptions): number {
  return count ?? (split === 'train' ? 2000 : 1000);
}

/** Pictures first..end−1 in order, a few groups ahead. */
export async function* pictures(
  maker: Maker,
  first: number,
  end: number,
  o: MadeMemoryOptions,
): AsyncGenerator<Picture> {
  const ahead: Promise<Picture[]>[] = [];
  let next = first;
  const start = () => {
    // A group that fails while another is awaited must not end the process.
    const group = maker.render(next, Math.min(maker.atOnce, end - next), { ...o, seed: o.dataSeed });
    group.catch(() => {});
    ahead.push(group);
    next += maker.atOnce;
  };
  while (next < end && ahead.length < o.concurrency) start();
  for (let group = ahead.shift(); group; group = ahead.shift()) {
    const made = await group;
    if (next < end) start();
    yield* made;
  }
}
