/** One image in memory, augmented: no stream, no workers, the same pixels. */
import { z } from 'zod';
import { dependsOnProgress, type SampleOperator } from '../augment/index.js';
import { writeSafely } from '../core/files/write-file.js';
import {
  expected,
  parseOptions,
  type Recipe,
  show,
  type Targets,
  targetsFault,
  UsageError,
} from '../core/index.js';
import { decoderSchema } from '../io/decode/decode.js';
import {
  type EncodedFormat,
  type EncodeOptions,
  encodedFormat,
  encodeImage,
  formatOfPath,
} from '../io/encode.js';
import type { ImageLike } from '../io/items.js';
import { imageSample } from './image-sample.js';
import { renderOnce } from './render-once.js';

const augmentOptions = z.strictObject({
  /** Key of all draws, default 0: the same seed gives the same pixels. */
  seed: z.int().min(0).default(0),
  /** The pass and the position that draws are keyed by, default 0: count one of them up for more versions. */
  epoch: z.int().min(0).default(0),
  index: z.int().min(0).default(0),
  /** Where in training schedules are read off, in 0..1. Required where a transform follows a schedule. */
  progress: z.number().min(0).max(1).optional(),
  /** Masks, boxes and keypoints of the image: they move along. */
  targets: z.custom<Targets>().optional(),
  /** URLs of modules of plugins whose transforms are used. */
  modules: z.array(z.string()).default([]),
  /** Limits on the image: the same as those of `batch`. */
  decoder: decoderSchema.prefault({}),
});

/** Options of `augment`. */
export type AugmentOptions = z.input<typeof augmentOptions>;

/**
 * An augmented image: its pixels, its draws and its targets; the result of `augment`.
 *
 * @example
 * const flipped: AugmentedImage = await augment('photo.jpg', [horizontalFlip({ p: 1 })]);
 * [flipped.width, flipped.height, flipped.data.length] // → [48, 32, 4608]
 */
export class AugmentedImage {
  constructor(
    /** [H, W, 3] RGB: uint8, or float32 where a transform normalizes. */
    readonly data: Uint8Array | Float32Array,
    readonly width: number,
    readonly height: number,
    /** The draws: as JSON, `rxaug render` gives the same pixels from them. */
    readonly recipe: Recipe,
    /** Masks, boxes and keypoints, moved along; masks as ids by name, one without a name as `mask`. */
    readonly targets?: Targets,
  ) {}

  /**
   * The bytes of a picture: `encode('png')`, `encode('jpg', { quality: 90 })`. Default quality of JPEG and WebP: 95.
   *
   * @throws UsageError for normalized pixels, another format, and a side that the format cannot hold.
   */
  async encode(format: EncodedFormat | 'jpg', options: EncodeOptions = {}): Promise<Buffer> {
    return this.encoded(encodedFormat(format, 'encode'), options);
  }

  /** Writes a picture, whole or not at all; its ending, .png, .jpg or .webp, is the format. Makes the folder. */
  async toFile(path: string, options: EncodeOptions = {}): Promise<void> {
    await writeSafely(path, [await this.encoded(formatOfPath(path, 'toFile'), options)]);
  }

  private encoded(format: EncodedFormat, options: EncodeOptions): Promise<Buffer> {
    const { data, width, height } = this;
    if (data instanceof Uint8Array) return encodeImage({ data, width, height }, format, options);
    throw new UsageError(
      'augment: expected uint8 pixels for a picture but received normalized ones; leave normalize() out',
    );
  }
}

/**
 * Augments one image: a path or file URL, the bytes of an encoded image, or RGB pixels
 * `{ data, width, height }`. Transforms are those of samples and policies, in the order that they act.
 *
 * Draws are keyed by `(seed, epoch, index)` and the position of the transform, as in a stream: the pixels are those
 * that the sample of that index has in that epoch of a source with that seed. Pixels are uint8 [H, W, 3]; float32 where
 * a transform normalizes.
 *
 * @throws UsageError for what is no transform of samples (`mixup` and its like need a batch), an unknown option, and a
 * schedule without `progress`; BadSampleError for an image that cannot be read.
 *
 * @example
 * const { width, height, recipe } = await augment({ data: new Uint8Array(192), width: 8, height: 8 }, [horizontalFlip(), cutout(4)], { seed: 1 })
 * width // → 8
 */
export async function augment(
  image: ImageLike,
  transforms: readonly SampleOperator[],
  options: AugmentOptions = {},
): Promise<AugmentedImage> {
  const { seed, epoch, index, progress, targets, modules, decoder } = parseOptions(
    'augment',
    augmentOptions,
    options,
  );
  const steps = transformsOf(transforms, progress);
  const fault = targetsFault(targets);
  if (fault) throw new UsageError(`augment: ${fault}`);
  const place = { seed, epoch, index, progress: progress ?? 0, targets };
  const sample = imageSample('augment', image, steps, place);
  const { data, width, height, targets: moved } = await renderOnce(sample, { modules, decoder });
  return new AugmentedImage(data, width, height, sample.recipe, moved);
}

/** Batch operators carry a transform too, whose ops act on batches. */
function transformsOf(given: readonly SampleOperator[], progress: number | undefined) {
  if (!Array.isArray(given))
    throw new UsageError(expected('augment', 'a list of transforms', given, 'write [horizontalFlip()]'));
  for (const [place, operator] of given.entries()) {
    const { transform } = (operator ?? {}) as Partial<SampleOperator>;
    if (!transform) {
      const fix = 'give transforms of samples such as horizontalFlip(), or policies';
      throw new UsageError(expected('augment', `a transform at place ${place}`, operator, fix));
    }
    if (transform.ops.some((op) => 'apply' in op))
      throw new UsageError(
        `augment: ${transform.name} at place ${place} mixes the images of a batch; use it in a stream, after batch(size)`,
      );
    if (progress === undefined && dependsOnProgress(transform))
      throw new UsageError(
        `augment: ${show(transform.name)} at place ${place} follows a schedule; give progress, where in training it is read off, in 0..1`,
      );
  }
  return given;
}
