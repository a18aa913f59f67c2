import {
  type ClassMatch,
  expected,
  matchClasses,
  nameSome,
  RxaugError,
  UsageError,
} from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Trained } from '../../train/classification/classifier.js';
import type { MadeFilter, MadeImages, MadeLabels } from './generated-images.js';

/** A classifier without class names has the numbers of the batch. */
type Classifier = Pick<Trained, 'logits'> & Partial<Pick<Trained, 'classes'>>;

/**
 * For `filter` of `ganMix`: keeps the images to whose class a classifier assigns a probability of at least `least`, default
 * 0.5. The classifier must take images in [−1, 1] too.
 *
 * @param least in [0, 1)
 * @throws UsageError for another `least`; the stream errors where the classifier does not know the classes
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const classifier = await fit(images$, { model: cnn({ filters: [4] }), backend: 'cpu' });
 * const generator = await fit(images$, { model: gan({ latent: 4, width: 4, criticWidth: 4 }), backend: 'cpu' });
 * images$.pipe(ganMix(generator, { filter: confidenceFilter(classifier, 0.8) }));
 */
export function confidenceFilter(classifier: Classifier, least = 0.5): MadeFilter {
  if (!(least >= 0 && least < 1))
    throw new UsageError(expected('confidenceFilter: least', '0 ≤ least < 1', least));
  return async (made) => {
    const numbers = matched('confidenceFilter', classifier, made)?.numbers;
    const values = await probabilities(classifier, made, 1);
    const count = values.length / made.classes.length;
    return made.classes.map((label, i) => values[i * count + (numbers?.[label] ?? label)] >= least);
  };
}

/**
 * For `labels` of `ganMix`: labels generated images with the probabilities of a classifier, softmax(z/T), as in distillation
 * (Hinton et al., 2015). `temperature` (T) above 1 makes them softer; default 1.
 *
 * @throws UsageError for a temperature that is not above 0; the stream errors where the classes are not those of the data
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const classifier = await fit(images$, { model: cnn({ filters: [4] }), backend: 'cpu' });
 * const generator = await fit(images$, { model: gan({ latent: 4, width: 4, criticWidth: 4 }), backend: 'cpu' });
 * images$.pipe(ganMix(generator, { labels: classifierLabels(classifier, { temperature: 2 }) }));
 */
export function classifierLabels(classifier: Classifier, { temperature = 1 } = {}): MadeLabels {
  if (!(temperature > 0 && temperature < Number.POSITIVE_INFINITY))
    throw new UsageError(expected('classifierLabels: temperature', 'a number above 0', temperature));
  return async (made) => {
    const match = matched('classifierLabels', classifier, made);
    const values = await probabilities(classifier, made, temperature);
    if (!match || match.same) return values;
    // Classes that the batch does not have would keep part of the probability.
    if (match.missing.length > 0) {
      throw new RxaugError(
        `classifierLabels: expected a classifier of the classes of the batch (${nameSome(made.names)}) but it also knows ${nameSome(match.missing)}; use one trained on these classes only`,
      );
    }
    const count = made.names.length;
    return made.classes.flatMap((_, i) => Array.from(match.numbers, (number) => values[i * count + number]));
  };
}

/** Matches the classes of the batch to those of the classifier. */
function matched(owner: string, { classes }: Classifier, { names }: MadeImages): ClassMatch | undefined {
  if (!classes) return undefined;
  const match = matchClasses(names, classes);
  if (match.unknown.length === 0) return match;
  throw new RxaugError(
    `${owner}: expected a classifier of the classes of the batch (${nameSome(names)}) but it does not know ${nameSome(match.unknown)}; use one trained on these classes`,
  );
}

/** softmax(z/T) of each image, [n, K] row after row. */
async function probabilities(classifier: Classifier, made: MadeImages, temperature: number) {
  const { images, shape } = made;
  const seen = tf.tidy(() => {
    const logits = classifier.logits(tf.tensor4d(images, shape as [number, number, number, number]));
    return tf.softmax(tf.div(logits, temperature));
  });
  try {
    const known = seen.shape[1] ?? 0;
    if (!classifier.classes && made.classes.some((label) => label >= known)) {
      const what = `a classifier of the generator's classes`;
      throw new RxaugError(expected('ganMix', what, `${known} classes`, 'use one trained on these classes'));
    }
    return await seen.data();
  } finally {
    seen.dispose();
  }
}
