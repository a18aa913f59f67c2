/**
 * A task is what the trainer trains, and all that it knows of it: a first state, a pure step, and a way to
 * measure. A classifier is one task; a generator with its critic is another. The trainer brings the stream,
 * the clock, the events, the checkpoints and the stopping.
 */
import type { ByClass, Metrics } from '../core/events.js';
import type { BadSample, Batch, Key } from '../core/index.js';
import type { tf } from '../graph/tf.js';
import type { Shape } from './layers/param-spec.js';
import type { State, Tensors } from './state/tensors.js';

/** What a step may depend on beside its state and its tensors. Randomness is the key and nothing else. */
export interface StepContext {
  /** hash(seed, step) */
  readonly key: Key;
  /** Of training, in [0, 1]: schedules read it. */
  readonly progress: number;
}

/** What a step gives. */
export interface Stepped {
  /** May share tensors with the state that went in; the trainer disposes of what is left behind. */
  readonly state: State;
  /** Scalars; `loss` is among them; training stops when it, or `gradientNorm`, is not finite. */
  readonly metrics: Tensors;
}

/** What `trainTask` trains: a first state, a pure step, and a way to measure. Classifiers and generative models are tasks. */
export interface Task {
  /** For people: 'resnet-20'. */
  readonly name: string;
  /** Batches come with labels that are numbers of these classes: those of their data set are matched by name. */
  readonly spec: InputSpec;
  /** True where the classes of `spec` are not those of the data, as in a regression: batches come as they are. */
  readonly ownClasses?: boolean;
  /** Plain JSON: a checkpoint can be continued only by a task of the same identity and input. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** The state before the first step: a pure function of the key. The caller owns it. */
  init(key: Key): State;
  /** Refuses a batch that does not fit, in one sentence. */
  check(batch: Batch): void;
  /** The batch as tensors; the caller disposes of them. */
  feed(batch: Batch): Tensors;
  /** Pure, and synchronous: it is called inside `tf.tidy`. */
  step(state: State, feed: Tensors & { readonly learningRate: tf.Scalar }, context: StepContext): Stepped;
  /**
   * Scalars in the order of computation, named for people, each 0 or NaN where something in the step is not finite.
   * Called inside `tf.tidy`, once a step has gone wrong.
   */
  probe?(state: State, feed: Tensors & { readonly learningRate: tf.Scalar }, context: StepContext): Tensors;
  /**
   * Measures a state on batches without training on them; disposes of each batch. After an abort it may reject, or
   * measure a part; the caller drops either.
   */
  evaluate(state: State, batches: AsyncIterable<Batch>, signal?: AbortSignal): Promise<Evaluated>;
  /** Plain JSON of what shapes training beside the identity, to compare runs by. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Names of the parameters whose norm and sparsity are reported; without it none are. */
  readonly kernels?: readonly string[];
  /** Which of two values of a metric is better. */
  direction(metric: string): 'min' | 'max';
}

/** What an evaluation found: means over its samples. */
export interface Evaluated {
  readonly samples: number;
  readonly metrics: Metrics;
  /** Class by class, of a classifier. */
  readonly byClass?: ByClass;
  /** What its stream had to leave out. */
  readonly bad?: readonly BadSample[];
}

/** Of options those that were given and are not off: what `Task.options` reports. */
export const switchedOn = (options: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== 0));

/** What the images of a stream are like; known from the first batch, or from a checkpoint. */
export interface InputSpec {
  /** [H, W, C] */
  readonly input: Shape;
  readonly classes: readonly string[];
}

/** Makes a task for the images of a stream, known from its first batch. */
export type TaskFor<T extends Task = Task> = (spec: InputSpec) => T;

/** Train metrics against others of the same name: how much worse the model does on what it has not seen. */
export function gapOf(train?: Metrics, validation?: Metrics): number | undefined {
  if (train?.accuracy === undefined || validation?.accuracy === undefined) return undefined;
  return train.accuracy - validation.accuracy;
}
