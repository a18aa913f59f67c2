import type { z } from 'zod';
import type { ModelKind, Trainable } from '../../train/kind.js';
import type { Batches } from '../../train/loop/evaluate.js';
import { modelFrom } from '../../train/models/index.js';
import type { ModelConfig } from '../../train/models/model.js';
import { checkSamples, generativeOptions } from '../options.js';
import { pairSheet } from '../pair-sheet.js';
import { watching } from '../watching.js';
import { buildSmart, describeSmart, type SmartDescription, type smartOptions, smartParts } from './smart.js';
import { type SmartTask, smart } from './task.js';
import { SmartAugmenter } from './trained.js';

const options = generativeOptions.omit({ ema: true });

/** Options of `train` and `fit` for Smart Augmentation, apart from the model. */
export type SmartTrainOptions = z.input<typeof options>;

/** What `smartAugmentation()` returns: a description without shape and weights. */
export interface SmartModel extends SmartDescription, Trainable<SmartTrainOptions, SmartAugmenter> {
  readonly config: SmartDescription['config'];
}

/**
 * Smart Augmentation (Lemley, Bazrafkan and Corcoran, 2017): net A merges `images` images of a class into one, and net B, the
 * classifier, learns from real and merged images alike; its loss tunes A: L = α·MSE + β·cross-entropy. `fit` returns a
 * `SmartAugmenter` with both nets.
 *
 * - `images`: 2 (default) to 8; `width`: filters of net A, a multiple of 4, default 16; `classifier`: net B, default `cnn()`
 * - `alpha` 0.3, `beta` 0.7: the paper's weights; `critic`: weight of a critic of pairs, default 0: no critic
 *
 * @throws UsageError for an option out of its range
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const model = smartAugmentation({ width: 4, classifier: cnn({ filters: [4] }) });
 * const both = await fit(images$, { model, backend: 'cpu' });
 * console.log(both.classifier.classes); // → [ 'cat', 'dog' ]
 */
export function smartAugmentation(options: z.input<typeof smartOptions> = {}): SmartModel {
  return { ...describeSmart(options), kind: smartKind };
}

/** How Smart Augmentation is trained and loaded. */
export const smartKind: ModelKind<SmartTrainOptions, SmartAugmenter> = {
  task: 'smart-augmentation',
  title: 'a Smart Augmentation',
  result: SmartAugmenter,
  options,
  check: (owner, _model, given) => checkSamples(owner, given as Parsed),
  begin(model, given) {
    const { optimizer, clipNorm, weightDecay, judge, samples, validation } = given as Parsed;
    const taskFor = smart({ model: model as SmartModel, optimizer, clipNorm, weightDecay, judge });
    return {
      ...watching(taskFor, samples, ({ merged, spec }, state, count) =>
        pairSheet('merged', spec, validation as Batches, count, (...seen) => merged(state, ...seen)),
      ),
      result: (task, state) => new SmartAugmenter((task as SmartTask).built, state),
    };
  },
  restore({ identity, look }) {
    const { criticWidth, ...config } = identity.model as {
      images: number;
      width: number;
      criticWidth: number;
    };
    const classifier = modelFrom(identity.classifier as ModelConfig);
    const critic = criticWidth > 0 ? { critic: 1, criticWidth } : {};
    const built = buildSmart(describeSmart({ ...config, ...critic, classifier }), look);
    return { parts: smartParts(built), make: (state) => new SmartAugmenter(built, state) };
  },
};

type Parsed = z.output<typeof options>;
