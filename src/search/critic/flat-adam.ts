/**
 * Adam on all parameters of a network at once: as one vector they take a dozen operations, and each by itself would take as
 * many. The steps are those of `adam`, value by value.
 */
import type { Part } from '../../gan/part.js';
import { tf } from '../../graph/tf.js';
import type { State, Tensors } from '../../train/state/tensors.js';

export interface FlatLearner {
  /** The parameters that it updates. */
  own(state: Pick<State, 'params'>): Tensors;
  /** Its slots. */
  init(): Tensors;
  /** The state after a step. Call it inside `tf.tidy`: it reads the device. */
  learn(state: State, gradients: Tensors, rate: tf.Scalar): State;
}

export interface FlatAdamOptions {
  readonly beta1: number;
  readonly beta2: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
}

export function flatAdam(
  { name, params }: Part,
  { beta1, beta2, epsilon = 1e-8 }: FlatAdamOptions,
): FlatLearner {
  const [MEAN, SQUARE, TIME] = ['first', 'second', 'time'].map((slot) => `${name}:${slot}`) as [
    string,
    string,
    string,
  ];
  const names = params.map((one) => one.name);
  const sizes = params.map(({ shape }) => shape.reduce((product, side) => product * side, 1));
  const size = sizes.reduce((sum, one) => sum + one, 0);
  const mix = (old: tf.Tensor, now: tf.Tensor, beta: number) =>
    beta === 0 ? now : tf.add(tf.mul(old, beta), tf.mul(now, 1 - beta));
  return {
    own: ({ params: all }) => Object.fromEntries(names.map((one) => [one, all[one] as tf.Tensor])),
    init: () => ({ [MEAN]: tf.zeros([size]), [SQUARE]: tf.zeros([size]), [TIME]: tf.scalar(0) }),
    learn(state, gradients, rate) {
      const slot = (one: string) => state.slots[one] as tf.Tensor;
      const time = (slot(TIME).dataSync()[0] as number) + 1;
      const learningRate = rate.dataSync()[0] as number;
      const correction = (beta: number) => (beta === 0 ? 1 : -Math.expm1(time * Math.log(beta)));
      const gradient = tf.concat1d(
        names.map((one) => tf.reshape(gradients[one] as tf.Tensor, [-1]) as tf.Tensor1D),
      );
      const mean = mix(slot(MEAN), gradient, beta1);
      const square = mix(slot(SQUARE), tf.square(gradient), beta2);
      const root = tf.add(tf.mul(tf.sqrt(square), 1 / Math.sqrt(correction(beta2))), epsilon);
      const step = tf.div(tf.mul(mean, learningRate / correction(beta1)), root);
      const steps = tf.split(step, sizes);
      const moved = names.map((one, i) => {
        const param = state.params[one] as tf.Tensor;
        return [one, tf.sub(param, tf.reshape(steps[i] as tf.Tensor, param.shape))] as const;
      });
      return {
        ...state,
        params: { ...state.params, ...Object.fromEntries(moved) },
        slots: { ...state.slots, [MEAN]: mean, [SQUARE]: square, [TIME]: tf.scalar(time) },
      };
    },
  };
}
