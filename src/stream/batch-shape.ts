/**
 * The size of the images of a batch: that of most of its samples, whatever the order in which workers finish.
 * The first sample's size is tried first, since it is nearly always that of all.
 */
import { BadSampleError, type Dtype, masksOf, RxaugError, type Sample, type Targets } from '../core/index.js';
import type { BatchSettings } from './batch-settings.js';

export interface Shape {
  readonly width: number;
  readonly height: number;
}

/** A shape and the first row that has it. */
export interface RowShape extends Shape {
  readonly row: number;
}

/** The longest array that Node 20 has. */
export const MOST_BYTES = 2 ** 32;

export const sameShape = (a: Shape, b: Shape): boolean => a.width === b.width && a.height === b.height;

const named = ({ width, height }: Shape) => `${width}×${height}`;

/**
 * The most common size, and of those that are equally common the one that comes first; undefined where there is
 * none. Bad samples have no size. Fails where fewer than half of the samples share one: a step that resizes is
 * missing then, and to leave out all the others is not what anyone asked for.
 */
export function commonShape(
  samples: readonly Sample[],
  shapes: readonly (Shape | undefined)[],
): RowShape | undefined {
  const counts = new Map<string, { row: number; shape: Shape; count: number }>();
  shapes.forEach((shape, row) => {
    if (!shape) return;
    const seen = counts.get(named(shape));
    if (seen) seen.count++;
    else counts.set(named(shape), { row, shape, count: 1 });
  });
  const [most, next] = [...counts.values()].sort((a, b) => b.count - a.count || a.row - b.row);
  if (!most) return undefined;
  const usable = shapes.filter(Boolean).length;
  if (next && 2 * most.count < usable) {
    const example = ({ row, shape }: { row: number; shape: Shape }) => `${samples[row]?.id} ${named(shape)}`;
    throw new RxaugError(
      `batch: expected images of one size but the ${usable} of a batch have ${counts.size}, such as ${example(most)} and ${example(next)}; add resize or a crop of fixed size before batch`,
    );
  }
  return { ...most.shape, row: most.row };
}

/** Why a sample of another size is left out. */
export const otherShape = (shape: Shape, received: Shape): string =>
  `expected ${named(shape)} pixels like most of its batch but received ${named(received)}; add resize or a crop of fixed size`;

/** Bytes of the images of a batch and of their masks. */
export function batchBytes(samples: readonly Sample[], { width, height }: Shape, dtype: Dtype): number {
  const masks = Math.max(0, ...samples.map(({ targets }) => (targets ? maskBytes(targets) : 0)));
  return samples.length * width * height * (3 * (dtype === 'uint8' ? 1 : 4) + masks);
}

/** Of one pixel in all masks of a sample; those that make no sense are refused where they are rendered. */
function maskBytes(targets: Targets): number {
  try {
    return masksOf(targets).reduce((sum, { bits }) => sum + bits / 8, 0);
  } catch (error) {
    if (error instanceof BadSampleError) return 0;
    throw error;
  }
}

/** Memory for a batch, or one sentence with the reason why there is none. */
export function memoryFor<T>(
  samples: readonly Sample[],
  shape: RowShape,
  { dtype, maxBatchBytes }: Pick<BatchSettings, 'dtype' | 'maxBatchBytes'>,
  take: () => T,
): T {
  const bytes = batchBytes(samples, shape, dtype);
  const asked = `batch: ${samples.length} images of ${named(shape)} pixels, the size of ${samples[shape.row]?.id}, take ${bytes} bytes, more than`;
  const fix = 'add resize or a crop, or make the batch smaller';
  if (bytes > maxBatchBytes) {
    const more = bytes <= MOST_BYTES ? ', or raise maxBatchBytes' : '';
    throw new RxaugError(`${asked} maxBatchBytes allows (${maxBatchBytes}); ${fix}${more}`);
  }
  try {
    return take();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new RxaugError(`${asked} there is memory for; ${fix}, or lower prefetch`, { cause: error });
  }
}
