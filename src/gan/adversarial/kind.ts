import type { z } from 'zod';
import type { ModelKind, Trainable } from '../../train/kind.js';
import { picturesOf } from '../images.js';
import { checkJudge } from '../options.js';
import { watching } from '../watching.js';
import { buildGan, describeGan, type GanDescription, type ganOptions, ganParts } from './gan.js';
import { adversarialDefaults, adversarialOptions, checkAda } from './options.js';
import { type AdversarialTask, adversarial } from './task.js';
import { Generator } from './trained.js';

/** Options of `train` and `fit` for a GAN, apart from the model. */
export type GanTrainOptions = z.input<typeof adversarialOptions>;

/** What `gan()` returns: a description without shape and weights. */
export interface GanModel extends GanDescription, Trainable<GanTrainOptions, Generator> {
  readonly config: GanDescription['config'];
}

/**
 * A generative adversarial network of images by class: a generator makes an image of noise and a class, and a critic tells
 * generated images from real ones. `train` and `fit` train it on square images of 8, 16, 32, 64, … pixels in [−1, 1]
 * (`normalize(STATISTICS.symmetric)`); `fit` returns a `Generator`.
 *
 * - `loss`: 'hinge' (default; Lim and Ye, 2017) or 'wgan-gp' (Gulrajani et al., 2017)
 * - `conditioning`: how the critic knows the class: 'projection' (default; Miyato and Koyama, 2018) or 'auxiliary' (Odena et
 *   al., 2017)
 * - `latent`: numbers in the noise, default 64; `width`, `criticWidth`: filters next to the image, default 32
 * - `guidance`: weight λ of a guide, a classifier that the generator must satisfy too (Lee and Seok, 2019); absent: no guide
 * - `spectralNorm`: bounds the critic, default with the hinge loss
 *
 * @throws UsageError for an option out of its range
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const generator = await fit(images$, { model: gan({ latent: 4, width: 4, criticWidth: 4 }), backend: 'cpu' });
 * console.log(generator.generate([0, 1]).shape); // → [ 2, 8, 8, 3 ]
 */
export function gan(options: z.input<typeof ganOptions> = {}): GanModel {
  return { ...describeGan(options), kind: ganKind };
}

/** How GANs are trained and loaded. */
export const ganKind: ModelKind<GanTrainOptions, Generator> = {
  task: 'gan',
  title: 'a GAN',
  result: Generator,
  options: adversarialOptions,
  check(owner, model, options) {
    checkJudge(owner, options as Parsed);
    checkAda(owner, (model as GanModel).config.loss, (options as Parsed).augment);
  },
  begin(given, options) {
    const model = given as GanModel;
    const { optimizer, clipNorm, weightDecay, ema, augment, judge, samples, ...rest } = options as Parsed;
    const steps = adversarialDefaults(model.config.loss, rest);
    const taskFor = adversarial({
      model,
      optimizer,
      clipNorm,
      weightDecay,
      ema,
      augment,
      judge,
      ...steps,
    });
    return {
      ...watching(taskFor, samples, async ({ built }, state, count) => ({
        what: 'samples',
        ...(await pictured(new Generator(built, state), count)),
      })),
      result: (task, state) => new Generator((task as AdversarialTask).built, state),
    };
  },
  restore({ identity, look }) {
    const built = buildGan(describeGan(identity.model as Parameters<typeof gan>[0]), look);
    return { parts: ganParts(built), make: (state) => new Generator(built, state) };
  },
};

type Parsed = z.output<typeof adversarialOptions>;

/** A row of pictures for each class, always from the same noise, so sheets can be compared. */
async function pictured(generator: Generator, count: number) {
  const { classes } = generator;
  const labels = classes.flatMap((_, label) => Array.from({ length: count }, () => label));
  const images = generator.generate(labels);
  try {
    const [, height, width] = images.shape;
    const captions = labels.map((label) => classes[label]);
    return { pictures: await picturesOf(images), width, height, columns: count, captions };
  } finally {
    images.dispose();
  }
}
