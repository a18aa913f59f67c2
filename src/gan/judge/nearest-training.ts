import { UsageError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { picturesOf } from '../images.js';
import type { Sheet } from '../watch.js';
import { FeatureCollector, type Features } from './features.js';
import type { Judge } from './judge.js';
import { nearest } from './neighbors.js';

/**
 * Shows memorization: the generated images that are nearest to training images by the features of a judge, each above its
 * nearest training image. The nearest pair comes first.
 *
 * @param images [N, H, W, C] in [−1, 1]; they still belong to you
 * @param options `count`: how many are shown, default 20, in rows of `columns`, default 10
 * @throws UsageError where the judge was given no training images
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const classifier = await fit(images$, { model: cnn({ filters: [4] }), backend: 'cpu' });
 * const generator = await fit(images$, { model: gan({ latent: 4, width: 4, criticWidth: 4 }), backend: 'cpu' });
 * const sheet = await nearestTraining(judge(classifier, { training: images$ }), generator.generate([0, 1]));
 * console.log(sheet.pictures.length); // → 4
 */
export async function nearestTraining(
  judge: Judge,
  images: tf.Tensor4D,
  { count = 20, columns = 10 }: { readonly count?: number; readonly columns?: number } = {},
): Promise<Sheet> {
  const training = await judge.training();
  if (!training) {
    throw new UsageError(
      'nearestTraining: expected a judge with training images; use judge(classifier, { training })',
    );
  }
  const { rows, distances } = await nearest(await featuresOf(judge, images), training);
  const pairs = Math.min(count, distances.length);
  const whole = pairs > columns ? pairs - (pairs % columns) : pairs;
  const shown = [...distances.keys()].sort((a, b) => distances[a] - distances[b]).slice(0, whole);
  const originals = await judge.trainingPictures(shown.map((i) => rows[i]));
  const chosen = tf.gather(images, shown);
  const made = await picturesOf(chosen).finally(() => chosen.dispose());
  const pictures: Uint8Array[] = [];
  for (let from = 0; from < shown.length; from += columns) {
    pictures.push(...made.slice(from, from + columns), ...originals.slice(from, from + columns));
  }
  const [, height, width] = images.shape;
  return { what: 'nearest', pictures, width, height, columns: Math.min(columns, shown.length) };
}

/** Batch size of the classifier. */
const BATCH = 100;

async function featuresOf(judge: Judge, images: tf.Tensor4D): Promise<Features> {
  const [count, ...shape] = images.shape;
  const all = new FeatureCollector();
  for (let from = 0; from < count; from += BATCH) {
    const size = Math.min(BATCH, count - from);
    const some = tf.slice4d(images, [from, 0, 0, 0], [size, ...shape]);
    try {
      all.add((await judge.extract(some)).features, new Int32Array(size));
    } finally {
      some.dispose();
    }
  }
  return all.all();
}
