/**
 * `trainSmart(batches$, { model: smartAugmentation({ classifier: cnn() }) })`: events; `fitSmart` gives both nets;
 * `loadSmart` finds them in a checkpoint.
 */
import type { Observable } from 'rxjs';
import { z } from 'zod';
import type { TrainEvent } from '../../core/events.js';
import { type Batch, parseOptions, RxaugError } from '../../core/index.js';
import { modelFrom } from '../../train/models/index.js';
import type { ModelConfig } from '../../train/models/model.js';
import { checkRunning, ready, runTask, told } from '../../train/running.js';
import { loadSaved, type SavedKind } from '../load.js';
import { generativeOptions } from '../options.js';
import { buildSmart, type SmartModel, smartAugmentation } from './smart.js';
import { smart } from './task.js';
import { SmartAugmenter } from './trained.js';

export const trainSmartOptions = z.strictObject({
  model: z.custom<SmartModel>(
    (value) => typeof (value as SmartModel | undefined)?.config?.alpha === 'number',
    'expected smartAugmentation({ … })',
  ),
  ...generativeOptions.omit({ samples: true, ema: true }).shape,
});
export type TrainSmartOptions = z.input<typeof trainSmartOptions>;
type Parsed = z.output<typeof trainSmartOptions>;

export function trainSmart(batches$: Observable<Batch>, options: TrainSmartOptions): Observable<TrainEvent> {
  const parsed = parse('trainSmart', options);
  return told((emit, stop) => start(batches$, parsed, emit, stop));
}

/** The same, for those who want the nets: they belong to the caller. */
export async function fitSmart(
  batches$: Observable<Batch>,
  options: TrainSmartOptions,
  emit: (event: TrainEvent) => void = () => {},
): Promise<SmartAugmenter> {
  const parsed = parse('fitSmart', options);
  const finished = await start(batches$, parsed, emit, new AbortController());
  if (finished) return new SmartAugmenter(finished.task.built, finished.state);
  throw new RxaugError('fitSmart: was aborted before the first batch; there are no nets');
}

/** How a checkpoint of this kind is read. */
export const savedSmart: SavedKind<SmartAugmenter> = {
  task: 'smart-augmentation',
  title: 'a Smart Augmentation',
  from({ identity, look, state }) {
    const { criticWidth, ...config } = identity.model as {
      images: number;
      width: number;
      criticWidth: number;
    };
    const classifier = modelFrom(identity.classifier as ModelConfig);
    const critic = criticWidth > 0 ? { critic: 1, criticWidth } : {};
    return new SmartAugmenter(
      buildSmart(smartAugmentation({ ...config, ...critic, classifier }), look),
      state,
    );
  },
};

/** A Smart Augmentation from a checkpoint; a backend must be loaded. */
export function loadSmart(file: string): Promise<SmartAugmenter> {
  return loadSaved(file, [savedSmart]);
}

function parse(owner: string, options: TrainSmartOptions): Parsed {
  const parsed = parseOptions(owner, trainSmartOptions, options);
  checkRunning(owner, parsed);
  return parsed;
}

async function start(
  batches$: Observable<Batch>,
  { model, optimizer, clipNorm, weightDecay, ...running }: Parsed,
  emit: (event: TrainEvent) => void,
  stop: AbortController,
) {
  await ready(running.backend);
  return runTask(batches$, smart({ model, optimizer, clipNorm, weightDecay }), running, emit, stop);
}
