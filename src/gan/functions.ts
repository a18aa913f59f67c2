/** What a model computes, told plainly enough that its functions can be traced and written down elsewhere. */
import type { tf } from '../graph/tf.js';
import type { Tensors } from '../train/state/tensors.js';

/** One function of tensors by name. */
export interface ModelFunction {
  /** null is the batch. */
  readonly inputs: readonly { readonly name: string; readonly shape: readonly (number | null)[] }[];
  /** All tensors that it computes with beside its inputs; the model's, not the caller's. */
  readonly params: Tensors;
  /** Pure; call it inside `tf.tidy`. */
  run(inputs: Tensors): Record<string, tf.Tensor>;
}

/** Functions by name: encode, decode, generate, score. */
export type ModelFunctions = Readonly<Record<string, ModelFunction>>;
