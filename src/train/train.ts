/**
 * `train(batches$, { model })`: a stream of batches in, a stream of events out. Subscribing trains;
 * unsubscribing, or the signal, stops after the current step and saves. Everything random follows from `seed`.
 */
import { Observable } from 'rxjs';
import { z } from 'zod';
import type { TrainEvent } from '../core/events.js';
import { type Batch, parseOptions, RxaugError, UsageError } from '../core/index.js';
import type { BackendRequest } from './backends/backend.js';
import { loadBackend } from './backends/load.js';
import { classification } from './classification.js';
import { earlyStoppingOptions } from './early-stopping.js';
import type { Batches } from './evaluate.js';
import { learningRateSchema } from './learning-rate.js';
import type { Model } from './models/model.js';
import { registerKernels } from './ops/kernels.js';
import type { Optimizer } from './optimizers/optimizer.js';
import { sgd } from './optimizers/sgd.js';
import { objectiveOptions, stepOptions } from './regularize.js';
import { trainTask } from './run.js';
import { disposeState } from './tensors.js';
import { loadModel, Trained } from './trained.js';

const batches = z.custom<Batches>(
  (value) => typeof value === 'function' || value instanceof Observable,
  'expected a stream of batches or a function that gives one',
);

export const trainOptions = z.strictObject({
  model: z.custom<Model>(
    (value) => typeof (value as Model | undefined)?.layers === 'function',
    'expected a model such as resnet(20)',
  ),
  /** Passes over the data, in place of what the source says; without it, as many as the stream has. */
  epochs: z.int().min(1).optional(),
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
  /** Measured after epochs: a stream of one pass, or a function that gives one. */
  validation: batches.optional(),
  /** Training images without augmentation, for an honest gap; else it is taken from the training steps. */
  clean: batches.optional(),
  /** Epochs from one measurement to the next. */
  evaluateEvery: z.int().min(1).default(1),
  earlyStopping: earlyStoppingOptions.optional(),
  /** last.ckpt, written after each epoch, on stopping, and every so many steps; and best.ckpt with early stopping. */
  checkpoint: z.strictObject({ dir: z.string().min(1), every: z.int().min(1).optional() }).optional(),
  /** true: from last.ckpt in that folder if it is there; or the path of a checkpoint. */
  resume: z.union([z.boolean(), z.string().min(1)]).default(false),
  /** Of the first weights and of all noise in the network. */
  seed: z.int().min(0).default(0),
  backend: z.enum(['auto', 'tensorflow', 'wasm', 'cpu'] satisfies BackendRequest[]).default('auto'),
  /** Stops training after the current step. */
  signal: z
    .custom<AbortSignal>((value) => value instanceof AbortSignal, 'expected an AbortSignal')
    .optional(),
});
export type TrainOptions = z.input<typeof trainOptions>;

function parse(owner: string, options: TrainOptions): z.output<typeof trainOptions> {
  const parsed = parseOptions(owner, trainOptions, options);
  if (parsed.earlyStopping && !parsed.validation) {
    throw new UsageError(
      `${owner}: earlyStopping: expected validation batches to judge by; give validation too`,
    );
  }
  return parsed;
}

export function train(batches$: Observable<Batch>, options: TrainOptions): Observable<TrainEvent> {
  const parsed = parse('train', options);
  return new Observable((subscriber) => {
    const stop = new AbortController();
    start(batches$, parsed, (event) => subscriber.next(event), stop).then(
      (finished) => {
        if (finished) disposeState(finished.state);
        subscriber.complete();
      },
      (error) => subscriber.error(error),
    );
    return () => stop.abort();
  });
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
  { model, optimizer, backend: request, signal, ...options }: z.output<typeof trainOptions>,
  emit: (event: TrainEvent) => void,
  stop: AbortController,
) {
  const backend = await loadBackend(request);
  registerKernels();
  const teacher = options.distill?.teacher;
  const loaded = typeof teacher === 'string' ? await loadModel(teacher) : undefined;
  const given = typeof teacher === 'string' ? loaded : teacher;
  const task = classification({ model, optimizer, ...options, teacher: given });
  const abort = () => stop.abort();
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    return await trainTask(batches$, task, { ...options, backend: backend.name }, emit, stop.signal);
  } finally {
    signal?.removeEventListener('abort', abort);
    loaded?.dispose();
  }
}
