/** `trainDagan(batches$, { model: dagan() })`: events; `fitDagan` gives what augments; `loadDagan` finds it in a checkpoint. */
import type { Observable } from 'rxjs';
import { z } from 'zod';
import type { TrainEvent } from '../../core/events.js';
import { type Batch, parseOptions, RxaugError } from '../../core/index.js';
import { checkRunning, ready, runTask, told } from '../../train/running.js';
import { duelDefaults, duelOptions } from '../adversarial/options.js';
import { loadSaved, type SavedKind } from '../load.js';
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

export function trainDagan(batches$: Observable<Batch>, options: TrainDaganOptions): Observable<TrainEvent> {
  const parsed = parse('trainDagan', options);
  return told((emit, stop) => start(batches$, parsed, emit, stop));
}

/** The same, for those who want what augments: it belongs to the caller. */
export async function fitDagan(
  batches$: Observable<Batch>,
  options: TrainDaganOptions,
  emit: (event: TrainEvent) => void = () => {},
): Promise<ImageAugmenter> {
  const parsed = parse('fitDagan', options);
  const finished = await start(batches$, parsed, emit, new AbortController());
  if (finished) return new ImageAugmenter(finished.task.built, finished.state);
  throw new RxaugError('fitDagan: was aborted before the first batch; there is no generator');
}

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

function parse(owner: string, options: TrainDaganOptions): Parsed {
  const parsed = parseOptions(owner, trainDaganOptions, options);
  checkRunning(owner, parsed);
  return parsed;
}

async function start(
  batches$: Observable<Batch>,
  { model, optimizer, clipNorm, weightDecay, ema, ...rest }: Parsed,
  emit: (event: TrainEvent) => void,
  stop: AbortController,
) {
  const { criticRate, criticSteps, gradientPenalty, ...running } = rest;
  await ready(running.backend);
  const steps = duelDefaults(model.config.loss, { criticRate, criticSteps, gradientPenalty });
  return runTask(
    batches$,
    augmenting({ model, optimizer, clipNorm, weightDecay, ema, ...steps }),
    running,
    emit,
    stop,
  );
}
