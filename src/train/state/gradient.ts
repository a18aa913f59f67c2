/** Value and gradient of a function of named parameters, with whatever else it computes on its way. */
import { tf } from '../../graph/tf.js';
import type { Tensors } from './tensors.js';

export interface Differentiated {
  readonly loss: tf.Scalar;
  /** By the name of the parameter; zeros where the loss does not depend on it. */
  readonly gradients: Tensors;
  readonly aux: Tensors;
}

/** Call it inside `tf.tidy`: all that it returns belongs to the scope around the call. */
export function valueAndGradient(
  f: () => { readonly loss: tf.Scalar; readonly aux: Tensors },
  params: Tensors,
): Differentiated {
  const names = Object.keys(params);
  let kept: Tensors = {};
  const forward = () => {
    const { loss, aux } = f();
    // The engine throws away all but the value when the forward pass ends.
    kept = aux;
    for (const tensor of Object.values(aux)) tf.keep(tensor);
    return loss;
  };
  const at = names.map((name) => params[name]);
  let found: ReturnType<typeof engineGradients>;
  try {
    found = engineGradients(forward, at);
  } catch (error) {
    for (const tensor of Object.values(kept)) tensor.dispose();
    disposeTape();
    throw error;
  }
  const { value, grads } = found;
  const aux = Object.fromEntries(
    Object.entries(kept).map(([name, tensor]) => {
      const released = tensor.clone(); // a handle that the scope around us owns
      tensor.dispose();
      return [name, released];
    }),
  );
  const gradients = Object.fromEntries(
    names.map((name, i) => [name, (grads as (tf.Tensor | undefined)[])[i] ?? tf.zerosLike(params[name])]),
  );
  return { loss: value, gradients, aux };
}

const engineGradients = (f: () => tf.Scalar, xs: tf.Tensor[]) => tf.engine().gradients<tf.Scalar>(f, xs);

/** After an error the engine keeps what it saved for the backward pass. */
function disposeTape(): void {
  const { state } = tf.engine() as unknown as {
    state: { gradientDepth: number; activeTape: { saved?: tf.Tensor[] }[] | null };
  };
  if (state.gradientDepth > 0) return; // an outer gradient owns the tape
  for (const { saved } of state.activeTape ?? []) for (const tensor of saved ?? []) tensor.dispose();
  state.activeTape = null;
}
