/** The trainer's face: `train` gives events, `fit` the trained model, of whatever kind of model it is given. */
import type { Observable } from 'rxjs';
import type { TrainEvent } from '../core/events.js';
import { type Batch, expected, parseOptions, RxaugError, UsageError } from '../core/index.js';
import type { Trained } from './classification/classifier.js';
import { type ClassifierTrainOptions, classifierKind } from './classification/kind.js';
import type { ModelKind, Trainable } from './kind.js';
import { checkRunning, openBackend, type Running, runTask, trainingEvents } from './loop/options.js';
import type { Model } from './models/model.js';

/** What `train` and `fit` take as `model`: a classifier's description, or a model that carries its kind. */
// biome-ignore lint/suspicious/noExplicitAny: of any kind
export type AnyModel = Model | Trainable<any, any>;

/** Options of `train` and `fit` beside the model, by the model. */
export type OptionsOf<M> = M extends Trainable<infer Options, unknown> ? Options : ClassifierTrainOptions;

/** What `fit` gives, by the model. */
export type TrainedOf<M> = M extends Trainable<infer _, infer Result> ? Result : Trained;

/** Options of `train` and `fit`, by the model; of a classifier unless another one is named. */
export type TrainOptions<M extends AnyModel = Model> = { readonly model: M } & OptionsOf<M>;

export function train<M extends AnyModel>(
  batches$: Observable<Batch>,
  options: TrainOptions<M>,
): Observable<TrainEvent> {
  const training = parse('train', options);
  return trainingEvents(async (emit, stop) => (await start(batches$, training, emit, stop))?.finished);
}

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
  const backend = await openBackend(options.backend);
  const run = await kind.begin(model, options);
  try {
    const finished = await runTask(batches$, run.task, { ...options, watch: run.watch }, backend, emit, stop);
    return finished && { finished, run };
  } finally {
    run.dispose?.();
  }
}
