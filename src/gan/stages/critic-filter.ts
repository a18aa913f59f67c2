import { z } from 'zod';
import { expected, parseOptions, RxaugError, UsageError } from '../../core/index.js';
import type { OnnxModel } from '../../graph/index.js';
import type { ModelFunctions } from '../functions.js';
import { callable, classesOf, oneHot } from './callable.js';
import type { MadeFilter } from './generated-images.js';
import { modelNumbers, namesFor, toModel } from './model-numbers.js';

const options = z
  .strictObject({
    /** Share of the images of a batch to keep, rounded up; default 0.5. */
    share: z.number().positive().max(1).optional(),
    /** Minimum score of an image; the scale depends on the critic. */
    least: z.number().optional(),
    /** Class names of the critic, in the order of its numbers, for an ONNX file that has none. */
    classes: z.array(z.string()).min(1).optional(),
  })
  .refine(
    ({ share, least }) => share === undefined || least === undefined,
    'expected share or least, not both',
  );

/**
 * For `filter` of `ganMix`: of the images made for a batch it keeps the `share` with the highest scores of the critic (default
 * 0.5, rounded up), or those with a score of at least `least` (after Azadi et al., "Discriminator rejection sampling", 2019).
 *
 * @param critic a trained `Generator`, or its `score` as ONNX
 * @throws UsageError for options out of range, and for a model without a critic of images and classes
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const generator = await fit(images$, { model: gan({ latent: 4, width: 4, criticWidth: 4 }), backend: 'cpu' });
 * images$.pipe(ganMix(generator, { filter: criticFilter(generator, { share: 0.25 }) }));
 */
export function criticFilter(
  critic: { readonly functions: ModelFunctions; readonly classes?: readonly string[] } | OnnxModel,
  given: z.input<typeof options> = {},
): MadeFilter {
  const { share = 0.5, least, classes: named } = parseOptions('criticFilter', options, given);
  const score = 'functions' in critic ? critic.functions.score : critic;
  const judge = score && callable(score);
  const [images] = [...(judge?.inputs ?? [])].find(([, sides]) => sides.length === 3) ?? [];
  const classes = judge?.inputs.get('classes');
  if (!judge || images === undefined || !classes) {
    const what = 'a critic of images and classes';
    throw new UsageError(
      expected('criticFilter', what, [...(judge?.inputs.keys() ?? [])], 'give a trained GAN'),
    );
  }
  const own = 'functions' in critic ? critic.classes : classesOf(critic);
  const names = namesFor('criticFilter', classes[0], named, own);
  return async (made) => {
    const beyond = made.classes.find((label) => label >= made.names.length);
    if (beyond !== undefined) {
      const what = `labels in 0..${made.names.length - 1}`;
      throw new RxaugError(expected('criticFilter', what, beyond, 'give the numbers of names'));
    }
    const asked = toModel(modelNumbers('criticFilter', names, made.names), made.classes);
    const feeds = { [images]: made.images, classes: oneHot(asked, classes[0]) };
    const scores = await judge.call(feeds, made.classes.length);
    if (scores.length !== made.classes.length) {
      throw new RxaugError(
        expected('criticFilter', 'one score for each image', `${scores.length} for ${made.classes.length}`),
      );
    }
    if (least !== undefined) return Array.from(scores, (s) => s >= least);
    const best = [...scores.keys()].sort((a, b) => scores[b] - scores[a] || a - b);
    const taken = new Set(best.slice(0, Math.ceil(share * scores.length)));
    return Array.from(scores, (_, i) => taken.has(i));
  };
}
