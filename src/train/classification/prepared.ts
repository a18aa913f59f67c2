/** What a classifier is asked about: images made ready as its checkpoint says, and batches and tensors held to it. */
import { z } from 'zod';
import {
  BadSampleError,
  type Batch,
  expected,
  parseOptions,
  RxaugError,
  UsageError,
} from '../../core/index.js';
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

const predictOptions = z.strictObject({
  transforms: z
    .custom<readonly SampleOperator[]>((value) => Array.isArray(value), 'expected a list of transforms')
    .optional(),
});

/** The options of `predict`; `prepared` images, such as batches, go through nothing more. */
export function predictOptionsOf(given: PredictOptions, { prepared }: { prepared: boolean }): PredictOptions {
  const options = parseOptions('predict', predictOptions, given);
  if (!prepared || !options.transforms) return options;
  throw new UsageError(
    'predict: transforms: expected images to prepare but received tensors or batches; put the transforms into their stream',
  );
}

/** Refuses a batch of a stream that left samples out: only its order says which image a prediction is for. */
export function refuseLeftOut({ bad }: Batch): void {
  const [first] = bad;
  if (!first) return;
  throw new BadSampleError(
    `predict: expected all images of the stream but ${bad.length} of a batch were left out (${first.reason}); fix or remove them, or give predict() batches one by one`,
  );
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

  /** Batches whose samples are normalized as the checkpoint says. */
  async *checked(owner: string, batches: AsyncIterable<Batch>): AsyncGenerator<Batch> {
    for await (const batch of batches) {
      try {
        this.checkNormalize(owner, batch);
      } catch (error) {
        batch?.dispose?.();
        throw error;
      }
      yield batch;
    }
  }

  private checkNormalize(owner: string, batch: Batch): void {
    checkIsBatch(batch, owner);
    if (!this.known) return;
    const mine = statisticsOf(this.known);
    for (const { id, recipe } of batch.samples) {
      const theirs = recipe.findLast(({ op }) => op === 'normalize')?.params;
      if (JSON.stringify(theirs ?? null) === JSON.stringify(mine ?? null)) continue;
      const has = theirs ? `normalize(${JSON.stringify(theirs)})` : 'no normalize';
      throw new UsageError(
        `${owner}: expected ${mine ? `normalize(${JSON.stringify(mine)})` : 'no normalize'} as in training but ${id} has ${has}; put the same into its stream`,
      );
    }
  }

  /** The images of a batch, checked against what the checkpoint says of them. */
  async batch(batch: Batch): Promise<tf.Tensor4D> {
    this.checkNormalize('predict', batch);
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
  async checkValues(images: tf.Tensor4D, owner = 'predict'): Promise<void> {
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
          owner,
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
  for (const [place, operator] of transforms.entries()) {
    if (operator?.transform && !operator.transform.ops.some((op) => 'apply' in op)) continue;
    throw new UsageError(
      expected('predict', `a transform of samples at place ${place} of transforms`, operator),
    );
  }
  return transforms;
}
