/** `trainDagan(batches$, { model: dagan() })`: events; `fitDagan` gives what augments; `loadDagan` finds it in a checkpoint. */
import type { Observable } from 'rxjs';
import { z } from 'zod';
import type { TrainEvent } from '../../core/events.js';
import type { Batch } from '../../core/index.js';
import type { Batches } from '../../train/loop/evaluate.js';
import { runTask } from '../../train/loop/options.js';
import { checkAda, duelDefaults, duelOptions } from '../adversarial/options.js';
import { loadSaved, type SavedKind } from '../load.js';
import { checkSamples } from '../options.js';
import { beside } from '../pair-sheet.js';
import { trainer } from '../trainer.js';
import { watching } from '../watching.js';
import { buildDagan, type DaganModel, dagan, daganParts } from './dagan.js';
import { augmenting } from './task.js';
import { ImageAugmenter } from './trained.js';

export const trainDaganOptions = z.strictObject({
  model: z.custom<DaganModel>(
    (value) => typeof (value as DaganModel | undefined)?.config?.loss === 'string',
    'expected a DAGAN such as dagan({ latent: 100 })',
  ),
  ...duelOptions.shape,
});
export type TrainDaganOptions = z.input<typeof trainDaganOptions>;
type Parsed = z.output<typeof trainDaganOptions>;

export const { train: trainDagan, fit: fitDagan } = trainer({
  name: 'Dagan',
  schema: trainDaganOptions,
  check(owner, parsed) {
    checkSamples(owner, parsed);
    checkAda(owner, parsed.model.config.loss, parsed.augment);
  },
  start,
  model: ({ task, state }) => new ImageAugmenter(task.built, state),
});

/** How a checkpoint of this kind is read. */
export const savedDagan: SavedKind<ImageAugmenter> = {
  task: 'dagan',
  title: 'a DAGAN',
  build({ identity, look }) {
    const built = buildDagan(dagan(identity.model as Parameters<typeof dagan>[0]), look);
    return { parts: daganParts(built), make: (state) => new ImageAugmenter(built, state) };
  },
};

/** A DAGAN from a checkpoint; a backend must be loaded. */
export function loadDagan(file: string): Promise<ImageAugmenter> {
  return loadSaved(file, [savedDagan]);
}

async function start(
  batches$: Observable<Batch>,
  { model, optimizer, clipNorm, weightDecay, ema, augment, judge, samples, ...rest }: Parsed,
  emit: (event: TrainEvent) => void,
  stop: AbortController,
) {
  const { criticRate, criticSteps, gradientPenalty, ...running } = rest;
  const steps = duelDefaults(model.config.loss, { criticRate, criticSteps, gradientPenalty });
  const taskFor = augmenting({ model, optimizer, clipNorm, weightDecay, ema, augment, judge, ...steps });
  const { task, watch } = watching(taskFor, samples, ({ built }, state, count) => {
    const shown = new ImageAugmenter(built, state);
    return beside('relatives', built.look, running.validation as Batches, count, (images) => ({
      rows: [images, ...SEEDS.map((seed) => shown.augment(images, seed))],
    }));
  });
  return runTask(batches$, task, { ...running, watch }, emit, stop);
}

/** Of the relatives below each image of a sheet. */
const SEEDS = [0, 1, 2];
