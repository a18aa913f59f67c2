/** GANs as the trainer meets them: `gan()`, the options of its training, and the generator that comes of it. */
import type { z } from 'zod';
import type { ModelKind, Trainable } from '../../train/kind.js';
import { picturesOf } from '../images.js';
import { watching } from '../watching.js';
import { buildGan, describeGan, type GanDescription, type ganOptions, ganParts } from './gan.js';
import { adversarialDefaults, adversarialOptions, checkAda } from './options.js';
import { type AdversarialTask, adversarial } from './task.js';
import { Generator } from './trained.js';

/** Options of `train` and `fit` for a GAN, beside the model. */
export type GanTrainOptions = z.input<typeof adversarialOptions>;

/** What `gan()` gives: a description without shape and weights. */
export interface GanModel extends GanDescription, Trainable<GanTrainOptions, Generator> {
  readonly config: GanDescription['config'];
}

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

/** A row of pictures for each class, always from the same noise, so that sheets can be compared. */
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
