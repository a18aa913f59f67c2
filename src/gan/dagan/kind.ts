import type { z } from 'zod';
import type { ModelKind, Trainable } from '../../train/kind.js';
import type { Batches } from '../../train/loop/evaluate.js';
import { adversarialDefaults, adversarialOptions, checkAda } from '../adversarial/options.js';
import { checkSamples } from '../options.js';
import { pairSheet } from '../pair-sheet.js';
import { watching } from '../watching.js';
import { buildDagan, type DaganDescription, type daganOptions, daganParts, describeDagan } from './dagan.js';
import { augmenting, type DaganTask } from './task.js';
import { ImageAugmenter } from './trained.js';

/** Options of `train` and `fit` for a DAGAN, apart from the model. */
export type DaganTrainOptions = z.input<typeof adversarialOptions>;

/** What `dagan()` returns: a description without shape and weights. */
export interface DaganModel extends DaganDescription, Trainable<DaganTrainOptions, ImageAugmenter> {
  readonly config: DaganDescription['config'];
}

/**
 * A DAGAN (Antoniou, Storkey and Edwards, "Data augmentation generative adversarial networks", 2017): from one image it makes
 * others of the same class, also of classes that it was not trained on. Trained on square images in [−1, 1]; `fit` returns an
 * `ImageAugmenter`.
 *
 * - `network`: 'unet' (default): keeps the places and colors of the original; 'code': keeps what distinguishes classes
 * - `loss`: 'wgan-gp' (default) or 'hinge'; `conditioning`: 'none' (default) or 'projection', the critic receives the class
 * - `latent`: length of the noise vector, default 100; `width` (a multiple of 4), `criticWidth`: filters, default 32
 * - `guidance`: weight λ of a guide, a classifier that the generator must satisfy too; absent: no guide
 *
 * @throws UsageError for an option out of its range
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const model = dagan({ latent: 4, width: 4, criticWidth: 4, loss: 'hinge' });
 * const augmenter = await fit(images$, { model, backend: 'cpu' });
 * console.log(augmenter.latent); // → 4
 */
export function dagan(options: z.input<typeof daganOptions> = {}): DaganModel {
  return { ...describeDagan(options), kind: daganKind };
}

/** How DAGANs are trained and loaded. */
export const daganKind: ModelKind<DaganTrainOptions, ImageAugmenter> = {
  task: 'dagan',
  title: 'a DAGAN',
  result: ImageAugmenter,
  options: adversarialOptions,
  check(owner, model, options) {
    checkSamples(owner, options as Parsed);
    checkAda(owner, (model as DaganModel).config.loss, (options as Parsed).augment);
  },
  begin(given, options) {
    const model = given as DaganModel;
    const { optimizer, clipNorm, weightDecay, ema, augment, judge, samples, ...rest } = options as Parsed;
    const steps = adversarialDefaults(model.config.loss, rest);
    const taskFor = augmenting({ model, optimizer, clipNorm, weightDecay, ema, augment, judge, ...steps });
    return {
      ...watching(taskFor, samples, ({ built }, state, count) => {
        const shown = new ImageAugmenter(built, state);
        return pairSheet('relatives', built.spec, rest.validation as Batches, count, (images) => ({
          rows: [images, ...SEEDS.map((seed) => shown.augment(images, seed))],
        }));
      }),
      result: (task, state) => new ImageAugmenter((task as DaganTask).built, state),
    };
  },
  restore({ identity, look }) {
    const built = buildDagan(describeDagan(identity.model as Parameters<typeof dagan>[0]), look);
    return { parts: daganParts(built), make: (state) => new ImageAugmenter(built, state) };
  },
};

type Parsed = z.output<typeof adversarialOptions>;

/** Seeds of the generated images below each original on a sheet. */
const SEEDS = [0, 1, 2];
