import type { tf } from '../graph/tf.js';
import type { Tensors } from '../train/state/tensors.js';

/** One function of a model, from tensors by name to tensors by name, which can be traced and exported. */
export interface ModelFunction {
  /** null stands for the batch size. */
  readonly inputs: readonly { readonly name: string; readonly shape: readonly (number | null)[] }[];
  /** All tensors it uses besides its inputs. They belong to the model. */
  readonly params: Tensors;
  /** Pure; call it inside `tf.tidy`. */
  run(inputs: Tensors): Record<string, tf.Tensor>;
}

/** Functions by name: encode, decode, generate, score. */
export type ModelFunctions = Readonly<Record<string, ModelFunction>>;
