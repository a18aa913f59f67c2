/**
 * `train(batches$, { model })`: a stream of batches in, a stream of events out. Subscribing trains;
 * unsubscribing, or the signal, stops after the current step and saves. Everything random follows from `seed`.
 */
import type { Observable } from 'rxjs';
import { z } from 'zod';
import type { TrainEvent } from '../../core/events.js';
import { type Batch, parseOptions, RxaugError } from '../../core/index.js';
import { checkRunning, ready, runningOptions, runTask, told } from '../loop/options.js';
import type { Model } from '../models/model.js';
import { learningRateSchema } from '../optimizers/learning-rate.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import { sgd } from '../optimizers/sgd.js';
import { loadModel, Trained } from './classifier.js';
import { fullSizeSchema } from './input-size.js';
import { objectiveOptions, stepOptions } from './options.js';
import { classification } from './task.js';

export const trainOptions = z.strictObject({
  model: z.custom<Model>(
    (value) => typeof (value as Model | undefined)?.layers === 'function',
    'expected a model such as resnet(20)',
  ),
  ...runningOptions.shape,
  /** A side, or [height, width]: what the model is measured and used at, where progressiveResize() trains it at others. */
  fullSize: fullSizeSchema.optional(),
  optimizer: z
    .custom<Optimizer>(
      (value) => typeof (value as Optimizer | undefined)?.update === 'function',
      'expected an optimizer such as sgd() or adam()',
    )
    .default(() => sgd({ momentum: 0.9, nesterov: true })),
  /** A number, or a schedule such as cosineDecay(0.1, { warmup: 0.05 }). Default 0.05, which suits sgd; adam wants 1e-3. */
  learningRate: learningRateSchema.default(0.05),
  ...stepOptions.shape,
  ...objectiveOptions.shape,
});
export type TrainOptions = z.input<typeof trainOptions>;

function parse(owner: string, options: TrainOptions): z.output<typeof trainOptions> {
  const parsed = parseOptions(owner, trainOptions, options);
  checkRunning(owner, parsed);
  return parsed;
}

export function train(batches$: Observable<Batch>, options: TrainOptions): Observable<TrainEvent> {
  const parsed = parse('train', options);
  return told((emit, stop) => start(batches$, parsed, emit, stop));
}

/** The same, for those who want the model: it belongs to the caller. */
export async function fit(
  batches$: Observable<Batch>,
  options: TrainOptions,
  emit: (event: TrainEvent) => void = () => {},
): Promise<Trained> {
  const parsed = parse('fit', options);
  const finished = await start(batches$, parsed, emit, new AbortController());
  if (!finished) throw new RxaugError('fit: was aborted before the first batch; there is no model');
  return new Trained(finished.task.network, finished.state);
}

async function start(
  batches$: Observable<Batch>,
  { model, optimizer, ...options }: z.output<typeof trainOptions>,
  emit: (event: TrainEvent) => void,
  stop: AbortController,
) {
  await ready(options.backend);
  const teacher = options.distill?.teacher;
  const loaded = typeof teacher === 'string' ? await loadModel(teacher) : undefined;
  const given = typeof teacher === 'string' ? loaded : teacher;
  const task = classification({ model, optimizer, ...options, teacher: given });
  try {
    return await runTask(batches$, task, options, emit, stop);
  } finally {
    loaded?.dispose();
  }
}
