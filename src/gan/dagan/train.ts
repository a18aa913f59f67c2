/** `trainDagan(batches$, { model: dagan() })`: events; `fitDagan` gives what augments; `loadDagan` finds it in a checkpoint. */
import type { Observable } from 'rxjs';
import { z } from 'zod';
import type { TrainEvent } from '../../core/events.js';
import type { Batch } from '../../core/index.js';
import { runTask } from '../../train/running.js';
import { duelDefaults, duelOptions } from '../adversarial/options.js';
import { loadSaved, type SavedKind } from '../load.js';
import { trainer } from '../trainer.js';
import { buildDagan, type DaganConfig, type DaganModel } from './dagan.js';
import { augmenting } from './task.js';
import { ImageAugmenter } from './trained.js';

export const trainDaganOptions = z.strictObject({
  model: z.custom<DaganModel>(
    (value) => typeof (value as DaganModel | undefined)?.config?.loss === 'string',
    'expected a DAGAN such as dagan({ latent: 100 })',
  ),
  ...duelOptions.omit({ samples: true }).shape,
});
export type TrainDaganOptions = z.input<typeof trainDaganOptions>;
type Parsed = z.output<typeof trainDaganOptions>;

export const { train: trainDagan, fit: fitDagan } = trainer({
  name: 'Dagan',
  schema: trainDaganOptions,
  start,
  model: ({ task, state }) => new ImageAugmenter(task.built, state),
});

/** How a checkpoint of this kind is read. */
export const savedDagan: SavedKind<ImageAugmenter> = {
  task: 'dagan',
  title: 'a DAGAN',
  from({ identity, look, state }) {
    const model: DaganModel = { name: 'dagan', config: identity.model as DaganConfig };
    return new ImageAugmenter(buildDagan(model, look), state);
  },
};

/** A DAGAN from a checkpoint; a backend must be loaded. */
export function loadDagan(file: string): Promise<ImageAugmenter> {
  return loadSaved(file, [savedDagan]);
}

async function start(
  batches$: Observable<Batch>,
  { model, optimizer, clipNorm, weightDecay, ema, ...rest }: Parsed,
  emit: (event: TrainEvent) => void,
  stop: AbortController,
) {
  const { criticRate, criticSteps, gradientPenalty, ...running } = rest;
  const steps = duelDefaults(model.config.loss, { criticRate, criticSteps, gradientPenalty });
  return runTask(
    batches$,
    augmenting({ model, optimizer, clipNorm, weightDecay, ema, ...steps }),
    running,
    emit,
    stop,
  );
}
