import { fold, type Key, keyOf, matchClasses, RxaugError, tag } from '../core/index.js';
import { tf } from '../graph/tf.js';
import { checkIsBatch, imagesOf, targetsOf } from '../train/loop/batch-tensors.js';
import { Totals, yieldToEventLoop } from '../train/loop/evaluate.js';
import type { Tensors } from '../train/state/tensors.js';
import type { Compute, InputSpec, Measure, Task } from '../train/task.js';
import { checkImages } from './images.js';
import { FeatureCollector } from './judge/features.js';
import { type Judge, verdict } from './judge/judge.js';

/** The tensors of a batch of real images. */
export interface Real {
  readonly images: tf.Tensor4D;
  /** [B, K] */
  readonly classes: tf.Tensor2D;
}

/** The result of a measure under which a judge finds the images that were made: [B, H, W, C], one for each real image. */
export const MADE = 'made';

/** Among what is drawn, [B]: 0 for images that a judge ignores; absent: all count. */
export const COUNTED = 'counted';

/** How a model is evaluated on a batch. */
export interface Making {
  /** What the measure needs at random, by the key of the batch; runs inside `tf.tidy`. */
  draw?(real: Real, key: Key): Tensors;
  /**
   * Scalars, whose means over all images are reported, and images as `MADE`. It gets the images, their classes and what was
   * drawn; nothing in it may be random, since it may run as a graph.
   */
  readonly measure: Measure;
}

/** What computes an evaluation, its judge, and the signal that ends it early. */
export interface Judging {
  readonly compute: Compute;
  readonly judge?: Judge;
  readonly signal?: AbortSignal;
}

/**
 * Evaluates a model that makes images: it makes one image for each real image of a stream, and a judge, if there is one,
 * compares the two sets. All random numbers are the same at every evaluation. Every batch is disposed of.
 */
export async function evaluateMade(
  owner: string,
  spec: InputSpec,
  batches: Parameters<Task['evaluate']>[1],
  { compute, judge, signal }: Judging,
  { draw, measure }: Making,
): ReturnType<Task['evaluate']> {
  judge?.check(spec);
  const totals = new Totals();
  const trial = judge && new Trial(judge, spec.classes, signal);
  let index = 0;
  for await (const batch of batches) {
    checkIsBatch(batch, 'evaluation');
    const tensors: tf.Tensor[] = [];
    try {
      checkImages(batch, spec, owner);
      const images = imagesOf(batch, owner);
      tensors.push(images);
      const classes = targetsOf(batch);
      tensors.push(classes);
      const key = fold(keyOf(0), tag('evaluation'), index);
      const drawn = tf.tidy(() => ({ ...draw?.({ images, classes }, key) })) as Record<string, tf.Tensor>;
      tensors.push(...Object.values(drawn));
      const { [MADE]: made, ...scalars } = await compute(measure, { images, classes, ...drawn }, index++);
      const numbers = Object.entries(scalars).map(([name, values]) => [name, values[0]]);
      totals.add(Object.fromEntries(numbers), batch.size);
      await trial?.add(images, made, await drawn[COUNTED]?.data(), batch.labels.slice(0, batch.size));
    } finally {
      tf.dispose(tensors);
      batch.dispose();
    }
    await yieldToEventLoop();
  }
  if (totals.samples === 0) {
    throw new RxaugError(
      'evaluation: expected at least one batch but the stream ended; check its path and filters',
    );
  }
  return { samples: totals.samples, metrics: { ...totals.means(), ...(await trial?.verdict()) } };
}

/** Features that a judge has extracted during an evaluation. */
class Trial {
  private readonly real = new FeatureCollector();
  private readonly made = new FeatureCollector();
  private readonly predicted: number[] = [];
  /** For each class of the judge its number in the data set, −1 if absent there; undefined: the same numbers. */
  private readonly numbers: Int32Array | undefined;

  constructor(
    private readonly judge: Judge,
    classes: readonly string[],
    private readonly signal?: AbortSignal,
  ) {
    const match = judge.classes && matchClasses(judge.classes, classes);
    this.numbers = match && !match.same ? match.numbers : undefined;
  }

  async add(
    real: tf.Tensor4D,
    made: ArrayLike<number>,
    counted: ArrayLike<number> | undefined,
    labels: Int32Array,
  ): Promise<void> {
    // Applies to real images too, so both sets hold the same classes.
    const rows = [...labels.keys()].filter((row) => counted?.[row] !== 0);
    const own = rows.map((row) => labels[row]);
    const some = (features: Float32Array) => rowsOf(features, features.length / labels.length, rows);
    this.real.add(some((await this.judge.extract(real)).features), own);
    const images = tf.tensor4d(made as Float32Array, real.shape);
    const { features, predicted } = await this.judge.extract(images).finally(() => images.dispose());
    this.made.add(some(features), own);
    this.predicted.push(...rows.map((row) => this.numbers?.[predicted[row]] ?? predicted[row]));
  }

  async verdict(): Promise<Record<string, number>> {
    const { predicted, signal } = this;
    signal?.throwIfAborted(); // the stream was cut off, and a part must not be judged
    const training = await this.judge.training(signal);
    return verdict(this.real.all(), { ...this.made.all(), predicted }, training);
  }
}

function rowsOf(from: Float32Array, width: number, rows: readonly number[]): Float32Array {
  const some = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    some.set(from.subarray(row * width, (row + 1) * width), i * width);
  });
  return some;
}
