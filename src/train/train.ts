/** `train` returns the events of a training, `fit` the trained model; for every kind of model. */
import type { Observable } from 'rxjs';
import type { TrainEvent } from '../core/events.js';
import { type Batch, expected, parseOptions, RxaugError, UsageError } from '../core/index.js';
import { loadBackend } from './backends/load.js';
import type { Trained } from './classification/classifier.js';
import { type ClassifierTrainOptions, classifierKind } from './classification/kind.js';
import type { ModelKind, Trainable } from './kind.js';
import { checkRunning, type Running, runTask, trainingEvents } from './loop/options.js';
import type { Model } from './models/model.js';

/** The option `model` of `train` and `fit`: the description of a classifier, or a model with a kind. */
// biome-ignore lint/suspicious/noExplicitAny: of any kind
export type AnyModel = Model | Trainable<any, any>;

/** Options of `train` and `fit` apart from the model, by the model. */
export type OptionsOf<M> = M extends Trainable<infer Options, unknown> ? Options : ClassifierTrainOptions;

/** The result of `fit`, by the model. */
export type TrainedOf<M> = M extends Trainable<infer _, infer Result> ? Result : Trained;

/** Options of `train` and `fit`, by the model; by default those of a classifier. */
export type TrainOptions<M extends AnyModel = Model> = { readonly model: M } & OptionsOf<M>;

/**
 * Trains a model of any kind on a stream of batches and returns the events of its training, plain JSON each: `start`, `step`,
 * `evaluation`, `epoch`, `checkpoint`, `notice`, `stopped`, `done`. The model decides which options there are: a classifier
 * (`resnet(20)`, `cnn()`, or your own `model()`), `gan()`, `dagan()`, `autoencoder()` or `smartAugmentation()`.
 *
 * Subscribing trains; unsubscribing, or the signal, stops after the current step and saves. Everything random follows from
 * `seed`, and the weights are kept in checkpoints only: use `fit` for the model itself.
 *
 * @param batches$ float32 batches, one pass or several epochs
 * @param options of the model's kind; see docs/training.md. Defaults of a classifier: sgd with Nesterov momentum 0.9,
 *  `learningRate` 0.05, `seed` 0, `backend` 'auto', as many epochs as the stream has
 * @throws UsageError at once for options that the model does not have; the stream errors with an RxaugError where images do
 *  not fit, a schedule can never advance, or training diverges
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(), batch(4, { workers: 0 }));
 * const events = [];
 * for await (const event of pull(train(images$, { model: cnn({ filters: [4] }), epochs: 2, backend: 'cpu' }))) events.push(event.kind);
 * console.log(events.join(' ')); // → start step step epoch step step epoch done
 */
export function train<M extends AnyModel>(
  batches$: Observable<Batch>,
  options: TrainOptions<M>,
): Observable<TrainEvent> {
  const training = parse('train', options);
  return trainingEvents(async (emit, stop) => (await start(batches$, training, emit, stop))?.finished);
}

/**
 * Trains like `train` and returns the trained model: a `Trained` classifier, a `Generator`, an `ImageAugmenter`, an
 * `Autoencoder` or a `SmartAugmenter`, by the given model. It belongs to you: `dispose()` frees its weights.
 *
 * @param emit receives the events
 * @throws UsageError for options that the model does not have, RxaugError as `train`, and where it is aborted before the
 *  first batch
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(), batch(4, { workers: 0 }));
 * const classifier = await fit(images$, { model: cnn({ filters: [4] }), backend: 'cpu' });
 * console.log(classifier.classes); // → [ 'cat', 'dog' ]
 */
export async function fit<M extends AnyModel>(
  batches$: Observable<Batch>,
  options: TrainOptions<M>,
  emit: (event: TrainEvent) => void = () => {},
): Promise<TrainedOf<M>> {
  const training = parse('fit', options);
  const trained = await start(batches$, training, emit, new AbortController());
  if (!trained) throw new RxaugError('fit: was aborted before the first batch; there is no model');
  const { finished, run } = trained;
  return run.result(finished.task, finished.state, finished.preprocessing) as TrainedOf<M>;
}

type Kind = ModelKind<unknown, unknown>;

interface Training {
  readonly kind: Kind;
  readonly model: unknown;
  readonly options: Running;
}

function parse(owner: string, given: { readonly model: unknown }): Training {
  if (typeof given !== 'object' || given === null) {
    throw new UsageError(expected(owner, 'an object of options, with a model', given));
  }
  const { model, ...rest } = given;
  const kind = kindOf(owner, model);
  const options = parseOptions(owner, kind.options, rest);
  checkRunning(owner, options);
  kind.check?.(owner, model, options);
  return { kind, model, options };
}

function kindOf(owner: string, model: unknown): Kind {
  const { kind, layers } = (model ?? {}) as Partial<Trainable<unknown, unknown> & Model>;
  if (typeof kind?.begin === 'function') return kind;
  if (typeof layers === 'function') return classifierKind as Kind;
  throw new UsageError(expected(`${owner}: model`, 'a model such as resnet(20), cnn() or gan()', model));
}

async function start(
  batches$: Observable<Batch>,
  { kind, model, options }: Training,
  emit: (event: TrainEvent) => void,
  stop: AbortController,
) {
  const backend = await loadBackend(options.backend);
  const run = await kind.begin(model, options);
  try {
    const finished = await runTask(batches$, run.task, { ...options, watch: run.watch }, backend, emit, stop);
    return finished && { finished, run };
  } finally {
    run.dispose?.();
  }
}
