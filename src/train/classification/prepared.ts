/** What a classifier is asked about: images made ready as its checkpoint says, and batches and tensors held to it. */
import { type Batch, expected, RxaugError, UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { type ImageLike, preparedImage, type SampleOperator } from '../../stream/prepared-images.js';
import { type KnownPreprocessing, type Preprocessing, transformsIn } from '../../stream/preprocessing.js';
import { checkIsBatch, imagesOf } from '../loop/batch-tensors.js';

/** Options of `predict` for images. */
export interface PredictOptions {
  /**
   * What images go through, in place of what the checkpoint says: `[resize(32), normalize()]`. Required where the
   * checkpoint does not say it.
   */
  readonly transforms?: readonly SampleOperator[];
}

/** Images that are computed at once. */
const GROUP = 32;

/** Room for rounding, as a share of the range of values. */
const ROUNDING = 0.01;

type Known = KnownPreprocessing | undefined;

/** The preprocessing, where it is known. */
const knownOf = (given: Preprocessing | undefined): Known =>
  given && 'transforms' in given ? given : undefined;

export class Preparing {
  private readonly known: Known;

  constructor(
    private readonly input: readonly number[],
    private readonly preprocessing: Preprocessing | undefined,
  ) {
    this.known = knownOf(preprocessing);
  }

  /** Images in groups, each [B, H, W, C] to be disposed of by the caller. */
  async *groups(images: readonly ImageLike[], { transforms }: PredictOptions): AsyncGenerator<tf.Tensor4D> {
    const chosen = transforms ? checked(transforms) : this.stored();
    const decoder = transforms ? undefined : this.known?.decoder;
    const [height, width, channels] = this.input as [number, number, number];
    if (channels !== 3)
      throw new RxaugError(`predict: expected a model of 3 channels but it has ${channels}; give tensors`);
    for (let first = 0; first < images.length; first += GROUP) {
      const group = images.slice(first, first + GROUP);
      const data = new Float32Array(group.length * height * width * 3);
      for (const [i, image] of group.entries()) {
        const wanted = { input: this.input, transforms: chosen, decoder };
        data.set(await preparedImage(image, wanted, 'predict'), i * height * width * 3);
      }
      yield tf.tensor4d(data, [group.length, height, width, 3]);
    }
  }

  private stored(): readonly SampleOperator[] {
    if (this.known) return transformsIn(this.known, 'predict');
    const { preprocessing } = this;
    const why =
      preprocessing && 'unknown' in preprocessing
        ? preprocessing.unknown
        : 'it was written by an rxaug that did not keep it';
    throw new UsageError(
      `predict: the checkpoint does not say what its images went through (${why}); give transforms, such as [resize(32), normalize()], or --pipeline on the command line`,
    );
  }

  /** The images of a batch, held to what the checkpoint says of them. */
  async batch(batch: Batch): Promise<tf.Tensor4D> {
    checkIsBatch(batch, 'predict');
    if (this.known) {
      const mine = statisticsOf(this.known);
      for (const { id, recipe } of batch.samples) {
        const theirs = recipe.findLast(({ op }) => op === 'normalize')?.params;
        if (JSON.stringify(theirs ?? null) === JSON.stringify(mine ?? null)) continue;
        const has = theirs ? `normalize(${JSON.stringify(theirs)})` : 'no normalize';
        throw new UsageError(
          `predict: expected ${mine ? `normalize(${JSON.stringify(mine)})` : 'no normalize'} as in training but ${id} has ${has}; put the same into its stream`,
        );
      }
    }
    const images = imagesOf(batch, 'predict');
    try {
      await this.checkValues(images);
      return images;
    } catch (error) {
      images.dispose();
      throw error;
    }
  }

  /** Refuses values that no image has after the preprocessing: those in 0..255, or normalized where nothing normalizes. */
  async checkValues(images: tf.Tensor4D): Promise<void> {
    if (!this.known || images.size === 0) return;
    const ends = tf.tidy(() => tf.stack([tf.min(images, [0, 1, 2]), tf.max(images, [0, 1, 2])]));
    const values = Array.from(await ends.data());
    ends.dispose();
    const channels = values.length / 2;
    const { mean, std } = statisticsOf(this.known) ?? { mean: [0, 0, 0], std: [1, 1, 1] };
    for (let c = 0; c < channels; c++) {
      const [m, s] = [mean[c] ?? 0, std[c] ?? 1];
      const [low, high] = [-m / s, (1 - m) / s];
      const slack = ROUNDING * (high - low);
      const [least, most] = [values[c] as number, values[channels + c] as number];
      if (least >= low - slack && most <= high + slack) continue;
      throw new UsageError(
        expected(
          'predict',
          `values in ${low.toFixed(2)}..${high.toFixed(2)}, as ${m === 0 && s === 1 ? 'images have without normalize' : 'normalize gives them in training'},`,
          `${least.toFixed(2)}..${most.toFixed(2)}`,
          'prepare the images as those of training, or give files to predict()',
        ),
      );
    }
  }
}

interface Statistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

const statisticsOf = ({ transforms }: KnownPreprocessing): Statistics | undefined => {
  const { mean, std } = (transforms.findLast(({ op }) => op === 'normalize')?.options ??
    {}) as Partial<Statistics>;
  return mean && std ? { mean, std } : undefined;
};

function checked(transforms: readonly SampleOperator[]): readonly SampleOperator[] {
  if (!Array.isArray(transforms))
    throw new UsageError(expected('predict: transforms', 'a list of transforms', transforms));
  for (const [place, operator] of (transforms as readonly SampleOperator[]).entries()) {
    if (operator?.transform && !operator.transform.ops.some((op) => 'apply' in op)) continue;
    throw new UsageError(
      expected('predict', `a transform of samples at place ${place} of transforms`, operator),
    );
  }
  return transforms;
}
