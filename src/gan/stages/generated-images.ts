/**
 * Generated images, which of them are used, and their labels (y is the requested class, one-hot, of K):
 *   'hard'              y
 *   { smoothing: ε }    (1 − ε)·y + ε/K, for a generator that is not always right    (Szegedy et al., 2016)
 *   a function          its result for the images, such as a classifier's probabilities (see confidence-filter.ts)
 */
import { z } from 'zod';
import { expected, RxaugError, scheduled, valueAt } from '../../core/index.js';
import { oneHot } from './callable.js';

/** Generated images [n, H, W, C] in [−1, 1]. Their memory is reused after the call. */
export interface MadeImages {
  readonly images: Float32Array;
  readonly shape: readonly [number, number, number, number];
  readonly classes: readonly number[];
  /** Names of all classes of the batch. */
  readonly names: readonly string[];
}

/** Decides which images are used; the other rows are not replaced. */
export type MadeFilter = (made: MadeImages) => ArrayLike<boolean> | Promise<ArrayLike<boolean>>;

/** Labels images: a distribution over the classes for each, [n, K] row after row. */
export type MadeLabels = (made: MadeImages) => ArrayLike<number> | Promise<ArrayLike<number>>;

const one = <T>(what: string) => z.custom<T>((value) => typeof value === 'function', `expected ${what}`);

export const madeFilter = one<MadeFilter>('a function');

export const madeLabels = z.union([
  z.literal('hard'),
  z.strictObject({ smoothing: scheduled(0, 1) }),
  one<MadeLabels>("'hard', { smoothing } in 0..1, or a function such as classifierLabels(classifier)"),
]);

/** Labels in a recipe, as plain JSON; the numbers [n][K] of a function. */
export const drawnLabels = z.union([
  z.literal('hard'),
  z.strictObject({ smoothing: z.number().min(0).max(1) }),
  z.array(z.array(z.number())),
]);
export type DrawnLabels = z.output<typeof drawnLabels>;

/** Labels of images; there are `count` classes. */
export async function drawLabels(
  labels: z.output<typeof madeLabels>,
  made: MadeImages,
  { count, progress }: { readonly count: number; readonly progress: number },
): Promise<DrawnLabels> {
  if (labels === 'hard') return labels;
  if (typeof labels !== 'function') return { smoothing: valueAt(labels.smoothing, progress) };
  const given = await labels(made);
  const size = made.classes.length * count;
  if (given?.length !== size) {
    const what = `${made.classes.length} distributions over ${count} classes, ${size} numbers`;
    throw new RxaugError(expected('ganMix: labels', what, given?.length, 'return [n, K], row after row'));
  }
  return made.classes.map((_, i) => {
    const row = Array.from({ length: count }, (_, k) => given[i * count + k]);
    const sum = row.reduce((total, p) => total + p, 0);
    if (row.every((p) => p >= 0) && Math.abs(sum - 1) < 1e-3) return row;
    throw new RxaugError(
      expected('ganMix: labels', 'probabilities that sum to 1', row, 'return softmax(logits), not logits'),
    );
  });
}

/** The drawn labels as [n, K]. */
export function labelRows(labels: DrawnLabels, classes: readonly number[], count: number): Float32Array {
  if (Array.isArray(labels)) return Float32Array.from(labels.flat());
  const hard = oneHot(classes, count);
  if (labels === 'hard') return hard;
  return hard.map((y) => (1 - labels.smoothing) * y + labels.smoothing / count);
}
