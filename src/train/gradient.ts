/** Value and gradient of a function of named parameters, with whatever else it computes on its way. */
import * as tf from '@tensorflow/tfjs-core';
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
  const { value, grads } = tf.engine().gradients<tf.Scalar>(
    () => {
      const { loss, aux } = f();
      // The engine throws away all but the value when the forward pass ends.
      kept = aux;
      for (const tensor of Object.values(aux)) tf.keep(tensor);
      return loss;
    },
    names.map((name) => params[name]),
  );
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
