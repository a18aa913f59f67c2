/**
 * `trainSmart(batches$, { model: smartAugmentation({ classifier: cnn() }) })`: events; `fitSmart` gives both nets;
 * `loadSmart` finds them in a checkpoint.
 */
import type { Observable } from 'rxjs';
import { z } from 'zod';
import type { TrainEvent } from '../../core/events.js';
import type { Batch } from '../../core/index.js';
import type { Batches } from '../../train/loop/evaluate.js';
import { runTask } from '../../train/loop/options.js';
import { modelFrom } from '../../train/models/index.js';
import type { ModelConfig } from '../../train/models/model.js';
import { loadSaved, type SavedKind } from '../load.js';
import { checkSamples, generativeOptions } from '../options.js';
import { beside } from '../pair-sheet.js';
import { trainer } from '../trainer.js';
import { watching } from '../watching.js';
import { buildSmart, type SmartModel, smartAugmentation, smartParts } from './smart.js';
import { smart } from './task.js';
import { SmartAugmenter } from './trained.js';

export const trainSmartOptions = z.strictObject({
  model: z.custom<SmartModel>(
    (value) => typeof (value as SmartModel | undefined)?.config?.alpha === 'number',
    'expected smartAugmentation({ … })',
  ),
  ...generativeOptions.omit({ ema: true }).shape,
});
export type TrainSmartOptions = z.input<typeof trainSmartOptions>;
type Parsed = z.output<typeof trainSmartOptions>;

export const { train: trainSmart, fit: fitSmart } = trainer({
  name: 'Smart',
  schema: trainSmartOptions,
  check: checkSamples,
  start,
  model: ({ task, state }) => new SmartAugmenter(task.built, state),
});

/** How a checkpoint of this kind is read. */
export const savedSmart: SavedKind<SmartAugmenter> = {
  task: 'smart-augmentation',
  title: 'a Smart Augmentation',
  build({ identity, look }) {
    const { criticWidth, ...config } = identity.model as {
      images: number;
      width: number;
      criticWidth: number;
    };
    const classifier = modelFrom(identity.classifier as ModelConfig);
    const critic = criticWidth > 0 ? { critic: 1, criticWidth } : {};
    const built = buildSmart(smartAugmentation({ ...config, ...critic, classifier }), look);
    return { parts: smartParts(built), make: (state) => new SmartAugmenter(built, state) };
  },
};

/** A Smart Augmentation from a checkpoint; a backend must be loaded. */
export function loadSmart(file: string): Promise<SmartAugmenter> {
  return loadSaved(file, [savedSmart]);
}

async function start(
  batches$: Observable<Batch>,
  { model, optimizer, clipNorm, weightDecay, judge, samples, ...running }: Parsed,
  emit: (event: TrainEvent) => void,
  stop: AbortController,
) {
  const taskFor = smart({ model, optimizer, clipNorm, weightDecay, judge });
  const { task, watch } = watching(taskFor, samples, ({ merged, look }, state, count) =>
    beside('merged', look, running.validation as Batches, count, (...given) => merged(state, ...given)),
  );
  return runTask(batches$, task, { ...running, watch }, emit, stop);
}
