/**
 * How the trainer meets a model. A model that is no classifier carries its kind, an object of the room that knows it;
 * `train` and `fit` ask that object, so that this room knows no other.
 */
import type { z } from 'zod';
import type { Running } from './loop/options.js';
import type { SessionOptions } from './loop/session.js';
import type { Checkpoint } from './state/checkpoint.js';
import type { Specified } from './state/shape-mismatch.js';
import type { State } from './state/tensors.js';
import type { Task, TaskFor } from './task.js';

/** One kind of model, such as GANs: its options, its task, and what comes of its training. */
export interface ModelKind<Options, Result> {
  /** `identity.task` of its checkpoints. */
  readonly task: string;
  /** With its article: 'a GAN'. */
  readonly title: string;
  /** The class of what `fit` and `load` give. */
  readonly result: abstract new (
    ...args: never[]
  ) => Result;
  /** Of `train` and `fit`, beside the model. */
  readonly options: z.ZodType<Running, Options>;
  /** Refuses what the schema cannot see; `owner` is 'train' or 'fit'. */
  check?(owner: string, model: unknown, options: Running): void;
  /** A backend is loaded. */
  begin(model: unknown, options: Running): Run<Result> | Promise<Run<Result>>;
  /** The model that a checkpoint of this kind describes. */
  restore(saved: Pick<Checkpoint, 'identity' | 'look'>): Restored<Result>;
}

/** One training that is about to begin. */
export interface Run<Result> extends Pick<SessionOptions, 'watch'> {
  readonly task: TaskFor;
  /** What training gives; the state becomes its own. */
  result(task: Task, state: State): Result;
  /** Frees what the training alone needed. */
  dispose?(): void;
}

/** A model that waits for its weights. */
export interface Restored<Result> {
  /** What its weights must be. */
  readonly parts: readonly Specified[];
  /** The state becomes the model's. */
  make(state: State): Result;
}

/**
 * A model that says itself how it is trained: `gan()`, `dagan()`, `autoencoder()`, `smartAugmentation()`. `Options` are
 * those of `train` and `fit`, `Result` is what `fit` gives.
 */
export interface Trainable<Options, Result> {
  /** For people: 'gan-hinge-32'. */
  readonly name: string;
  /** Its options with their defaults. */
  readonly config: object;
  readonly kind: ModelKind<Options, Result>;
}
