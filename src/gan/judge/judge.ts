import { type Batch, expected, matchClasses, nameSome, RxaugError } from '../../core/index.js';
import type { tf } from '../../graph/tf.js';
import type { Trained } from '../../train/classification/classifier.js';
import { imagesOf } from '../../train/loop/batch-tensors.js';
import { type Batches, whileOpen, yieldToEventLoop } from '../../train/loop/evaluate.js';
import type { InputSpec } from '../../train/task.js';
import { picturesOf } from '../images.js';
import { type Extracted, extract, FeatureCollector, type Features } from './features.js';
import { frechetDistance } from './frechet-distance.js';
import { kernelDistance } from './kernel-distance.js';
import { covered, diversity, memorized } from './neighbors.js';

/**
 * Below this share of the diversity of real images a generator counts as collapsed.
 *
 * @example
 * console.log(COLLAPSE_THRESHOLD); // → 0.5
 */
export const COLLAPSE_THRESHOLD = 0.5;

/** Minimum number of images to judge. */
const FEWEST = 20;

/** A judge of generated images, made by `judge(classifier)`. */
export interface Judge {
  readonly name: string;
  /** Class names of `predicted`; absent: those given to `check`. */
  readonly classes?: readonly string[];
  check(spec: InputSpec): void;
  extract(images: tf.Tensor4D): Promise<Extracted>;
  /** Features of training images, for finding memorized images; computed once. Rejects on abort. */
  training(signal?: AbortSignal): Promise<Features | undefined>;
  /** The training images at some rows, as uint8 RGB. Reads the stream again. */
  trainingPictures(rows: Iterable<number>): Promise<Uint8Array[]>;
}

/**
 * A judge of generated images, for the option `judge` of a generative model: at every evaluation it reports FID, KID, precision,
 * recall, diversity, and the share of images that it recognizes, from the features of a classifier trained here. Compare
 * its numbers only with those of the same judge on equally many images (at least 20). None of them is an Inception score.
 *
 * @param classifier must know the classes of the images, by name; it still belongs to you
 * @param options `training`: training images without augmentation, for finding memorized images
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const classifier = await fit(images$, { model: cnn({ filters: [4] }), backend: 'cpu' });
 * console.log(judge(classifier).classes); // → [ 'cat', 'dog' ]
 */
export function judge(classifier: Trained, { training }: { training?: Batches } = {}): Judge {
  const { network } = classifier;
  let known: Features | undefined;
  const gather = async (given: Batches, signal?: AbortSignal) => {
    const all = new FeatureCollector();
    const see = async (images: tf.Tensor4D, { labels, size }: Batch) => {
      all.add((await extract(classifier, images)).features, labels.subarray(0, size));
    };
    await overAll(given, see, signal);
    return all.all();
  };
  return {
    name: network.name,
    classes: network.classes,
    check({ input, classes }) {
      if (input.join() !== network.input.join()) {
        throw new RxaugError(
          expected(
            'judge',
            `images of ${network.input.join('×')}`,
            input,
            'use a classifier trained on these',
          ),
        );
      }
      const { unknown } = matchClasses(classes, network.classes);
      if (unknown.length > 0) {
        throw new RxaugError(
          `judge: expected images of the classes of ${network.name} (${nameSome(network.classes)}) but received ${nameSome(unknown)}; use a classifier trained on these`,
        );
      }
    },
    extract: (images) => extract(classifier, images),
    async training(signal) {
      if (!training) return undefined;
      known ??= await gather(training, signal);
      return known;
    },
    async trainingPictures(rows) {
      const pictureOf = new Map([...rows].map((row) => [row, undefined as Uint8Array | undefined]));
      let first = 0;
      const see = async (images: tf.Tensor4D, { size }: Batch) => {
        const own = [...pictureOf.keys()].filter((row) => row >= first && row < first + size);
        if (own.length > 0) {
          const pictures = await picturesOf(images);
          for (const row of own) pictureOf.set(row, pictures[row - first]);
        }
        first += size;
      };
      if (training) await overAll(training, see);
      return Array.from(rows, (row) => {
        const picture = pictureOf.get(row);
        if (picture) return picture;
        throw new RxaugError(
          `judge: expected training image ${row} but the stream has only ${first}; give training as a function that opens the same stream every time`,
        );
      });
    },
  };
}

/** Calls `see` with every batch of a stream and disposes of the batch. Rejects on abort, even while waiting for the stream. */
async function overAll(
  batches: Batches,
  see: (images: tf.Tensor4D, batch: Batch) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  await whileOpen(batches, signal, async (stream) => {
    for await (const batch of stream) {
      let images: tf.Tensor4D | undefined;
      try {
        images = imagesOf(batch, 'judge');
        await see(images, batch);
      } finally {
        images?.dispose();
        batch.dispose();
      }
      await yieldToEventLoop();
    }
  });
  signal?.throwIfAborted();
}

/** Metrics of generated points compared with real points of the same labels. */
export async function verdict(
  real: Features,
  generated: Features & { readonly predicted: ArrayLike<number> },
  training?: Features,
): Promise<Record<string, number>> {
  const fewer = Math.min(real.count, generated.count);
  if (fewer < FEWEST) {
    throw new RxaugError(
      expected(
        'judge',
        `at least ${FEWEST} images`,
        fewer,
        'give more validation images, or larger batches of them',
      ),
    );
  }
  const kid = kernelDistance(real, generated);
  const spread = diversity(generated, real);
  const right = generated.labels.filter((label, i) => label === generated.predicted[i]).length;
  return {
    fid: frechetDistance(real, generated),
    kid: kid.distance,
    kidError: kid.error,
    precision: covered(generated, real),
    recall: covered(real, generated),
    diversity: spread,
    collapsed: Number(spread < COLLAPSE_THRESHOLD),
    /** The share of generated images that the judge assigns to their requested class. */
    recognized: right / generated.count,
    ...(training && { memorized: await memorized(generated, real, training) }),
  };
}

/** Whether lower or higher is better, for metrics of a judge and for losses. */
export const better = (metric: string): 'min' | 'max' =>
  ['precision', 'recall', 'diversity', 'recognized'].includes(metric) ? 'max' : 'min';

/**
 * A warning if evaluation metrics show a collapsed generator, else undefined.
 *
 * @example
 * console.log(warningOf({ diversity: 0.9 })); // → undefined
 */
export function warningOf(metrics: Readonly<Record<string, number>>): string | undefined {
  if (!(metrics.diversity < COLLAPSE_THRESHOLD)) return undefined;
  return `the model has collapsed: its images of a class differ ${Math.round(100 * metrics.diversity)} % as much as real ones do (the bound is ${100 * COLLAPSE_THRESHOLD} %); train longer, or lower the learning rate or turn augmentation on if it is a GAN`;
}
