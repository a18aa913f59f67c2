/**
 * A task defines what is trained: an initial state, a pure step and an evaluation. A classifier is one task; a generator
 * with its critic is another. The trainer provides the stream, the schedule, events, checkpoints and stopping.
 */
import type { ByClass, Metrics } from '../core/events.js';
import type { BadSample, Batch, Key } from '../core/index.js';
import type { tf } from '../graph/tf.js';
import type { Shape } from './layers/param-spec.js';
import type { State, Tensors } from './state/tensors.js';

/** What a step may depend on besides its state and tensors. All randomness must come from the key. */
export interface StepContext {
  /** hash(seed, step) */
  readonly key: Key;
  /** Progress of training in [0, 1], for schedules. */
  readonly progress: number;
}

/** A first state that is read from a file. */
export interface Stored {
  /** The file, in a message. */
  readonly title: string;
  /** The state, which the caller owns, and one sentence on what was read and what was not. */
  begin(key: Key): { readonly state: State; readonly sentence: string };
}

/** The result of a step. */
export interface Stepped {
  /** May share tensors with the old state; the trainer disposes of the tensors that are no longer used. */
  readonly state: State;
  /** Scalars, `loss` among them. Training stops if `loss` or `gradientNorm` is not finite. */
  readonly metrics: Tensors;
}

/** What `trainTask` trains: an initial state, a pure step and an evaluation. Classifiers and generative models are tasks. */
export interface Task {
  /** Name in messages: 'resnet-20'. */
  readonly name: string;
  /** The input. Labels of batches are converted to the numbers of its classes, matched by name. */
  readonly spec: InputSpec;
  /** True if the classes of `spec` are not those of the data, as in a regression: labels are not converted. */
  readonly ownClasses?: boolean;
  /** Plain JSON. Only a task of the same identity and input can resume a checkpoint. */
  readonly identity: Readonly<Record<string, unknown>>;
  /** The initial state, a pure function of the key. The caller owns it. */
  init(key: Key): State;
  /** Where a training begins, if not at `init`. */
  readonly stored?: Stored;
  /** Throws if a batch does not fit. */
  check(batch: Batch): void;
  /** Converts a batch to tensors; the caller disposes of them. */
  feed(batch: Batch): Tensors;
  /** Pure and synchronous; called inside `tf.tidy`. */
  step(state: State, feed: Tensors & { readonly learningRate: tf.Scalar }, context: StepContext): Stepped;
  /**
   * Called inside `tf.tidy` after a step with a loss or gradient that is not finite. Returns scalars in the order of
   * computation, each 0, or NaN if that part of the step is not finite. Their names appear in the error.
   */
  probe?(state: State, feed: Tensors & { readonly learningRate: tf.Scalar }, context: StepContext): Tensors;
  /**
   * Evaluates a state on batches and disposes of each batch. After an abort it may reject or return a partial result,
   * which the caller ignores. Through `compute`, which has the state, tensors of a batch are measured by a compiled
   * graph where the backend can; without it kernels run one by one.
   */
  evaluate(
    state: State,
    batches: AsyncIterable<Batch>,
    signal: AbortSignal | undefined,
    compute: Compute,
  ): Promise<Evaluated>;
  /** Plain JSON of options that affect training, besides the identity; for comparing runs. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Names of the parameters whose norm and sparsity are reported; absent: none. */
  readonly kernels?: readonly string[];
  /** Whether a lower or a higher value of a metric is better. */
  direction(metric: string): 'min' | 'max';
}

/**
 * What an evaluation computes of a state and the tensors of a batch: pure, synchronous, and the same function every time, by
 * which its graphs are kept; called inside `tf.tidy`.
 */
export type Measure = (state: State, feed: Tensors) => Tensors;

/** Numbers of a measure, for the state that is evaluated and the batch with this number, counted from 0. */
export type Compute = (measure: Measure, feed: Tensors, index: number) => Promise<Numbers>;

/** Numbers by name, of tensors in the order of their elements. */
export type Numbers = Readonly<Record<string, ArrayLike<number>>>;

/** The result of an evaluation: means over its samples. */
export interface Evaluated {
  readonly samples: number;
  readonly metrics: Metrics;
  /** Metrics for each class, of a classifier. */
  readonly byClass?: ByClass;
  /** Samples that its stream left out. */
  readonly bad?: readonly BadSample[];
}

/** The options that are given and not off, which `Task.options` reports. */
export const switchedOn = (options: object): Record<string, unknown> =>
  Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== 0));

/** Shape and classes of the images of a stream, from its first batch or from a checkpoint. */
export interface InputSpec {
  /** [H, W, C] */
  readonly input: Shape;
  readonly classes: readonly string[];
}

/** Makes a task for the images of a stream, known from its first batch. */
export type TaskFor<T extends Task = Task> = (spec: InputSpec) => T;

/** The gap between training and validation metrics: how much worse the model is on unseen images. */
export function gapOf(train?: Metrics, validation?: Metrics): number | undefined {
  if (train?.accuracy === undefined || validation?.accuracy === undefined) return undefined;
  return train.accuracy - validation.accuracy;
}
