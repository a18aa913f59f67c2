/**
 * Kinds of models other than classifiers. Such a model carries its kind, an object defined in its own folder, which
 * `train` and `fit` use; so `train` imports no other folder.
 */
import type { z } from 'zod';
import type { Preprocessing } from '../stream/preprocessing.js';
import type { Running } from './loop/options.js';
import type { SessionOptions } from './loop/session.js';
import type { Checkpoint } from './state/checkpoint.js';
import type { Specified } from './state/shape-mismatch.js';
import type { State } from './state/tensors.js';
import type { Task, TaskFor } from './task.js';

/** A kind of model, such as GANs: its options, its task and the result of training. */
export interface ModelKind<Options, Result> {
  /** `identity.task` of its checkpoints. */
  readonly task: string;
  /** Name with its article: 'a GAN'. */
  readonly title: string;
  /** The class of the result of `fit` and `load`. */
  readonly result: abstract new (
    ...args: never[]
  ) => Result;
  /** Options of `train` and `fit` apart from the model. */
  readonly options: z.ZodType<Running, Options>;
  /** Checks what the schema cannot; `owner` is 'train' or 'fit'. */
  check?(owner: string, model: unknown, options: Running): void;
  /** Prepares a training. A backend is loaded already. */
  begin(model: unknown, options: Running): Run<Result> | Promise<Run<Result>>;
  /** The model described by a checkpoint of this kind. */
  restore(saved: Pick<Checkpoint, 'identity' | 'look' | 'preprocessing'>): Restored<Result>;
}

/** A training that is about to begin. */
export interface Run<Result> extends Pick<SessionOptions, 'watch'> {
  readonly task: TaskFor;
  /** Makes the result, which takes over the state. */
  result(task: Task, state: State, preprocessing: Preprocessing): Result;
  /** Frees resources that only the training needs. */
  dispose?(): void;
}

/** A model whose weights are still to be set. */
export interface Restored<Result> {
  /** The names and shapes of its weights. */
  readonly parts: readonly Specified[];
  /** Makes the model, which takes over the state. */
  make(state: State): Result;
}

/**
 * A model that defines its own training: `gan()`, `dagan()`, `autoencoder()`, `smartAugmentation()`. `Options` are
 * those of `train` and `fit`, `Result` is the result of `fit`.
 */
export interface Trainable<Options, Result> {
  /** Name in messages: 'gan-hinge-32'. */
  readonly name: string;
  /** Its options with their defaults. */
  readonly config: object;
  readonly kind: ModelKind<Options, Result>;
}
