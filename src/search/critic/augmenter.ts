/** What augments in a search by a critic, and learns from what is said of its images: a table of ops, or a network. */
import type { Key } from '../../core/index.js';
import type { tf } from '../../graph/tf.js';
import type { State, Tensors } from '../../train/state/tensors.js';
import type { InputSpec } from '../../train/task.js';
import type { PolicySetting } from '../policy/policy.js';

/** The part of the state that belongs to it. */
export interface AugmenterState {
  readonly params: Tensors;
  readonly slots: Tensors;
}

/** Where it stands, for the curves. */
export interface Standing {
  readonly strength: number;
  /** Above 0. */
  readonly effectiveOps: number;
}

/** What a batch says. */
export interface Verdicts {
  /** [B] loss of an image less that of the same image left alone. */
  readonly gain: tf.Tensor;
  /** Of the mean loss, by the parameters of the turn. */
  readonly gradients: Tensors;
  /** Whether it moves yet. */
  readonly moves: boolean;
  /** Share of the search that is over. */
  readonly progress: number;
}

/** One step. */
export interface Turn {
  /** Those that the images depend on by a gradient. */
  readonly params: Tensors;
  /** The images of the batch, augmented under these parameters; differentiable by them. */
  augment(params: Tensors): tf.Tensor4D;
  learn(verdicts: Verdicts): AugmenterState;
  /** It reads the device. */
  standing(): Standing;
}

export interface Augmenter {
  readonly identity: Readonly<Record<string, unknown>>;
  /** Prefixes of parameters of which a moving average is kept beside the teacher's. */
  readonly averaged: readonly string[];
  start(key: Key): AugmenterState;
  /** Images [B, H, W, C] in [0, 1]. */
  turn(state: State, images: tf.Tensor4D, key: Key): Turn;
  /** At the end; `images` are some that it augments. */
  found(state: State, images: tf.Tensor4D): { readonly policy: PolicySetting; readonly moved: number };
}

export type AugmenterFor = (spec: InputSpec) => Augmenter;
