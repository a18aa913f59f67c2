/** A model with its weights, for inference: what training gives and a checkpoint holds. */

import type { Observable } from 'rxjs';
import { type Batch, expected, RxaugError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { pull } from '../../stream/demand.js';
import { forward, type Network } from '../models/model.js';
import { weightsOf } from '../optimizers/ema.js';
import { modelMismatch } from '../state/shape-mismatch.js';
import { disposeState, type State } from '../state/tensors.js';
import type { Evaluated } from '../task.js';
import { evaluateClassifier } from './evaluate.js';
import { likeliest, type MonteCarloOptions, type MonteCarloPrediction, monteCarlo } from './monte-carlo.js';

/** What a classifier says of one image. */
export interface Prediction {
  /** Index of the most probable class. */
  readonly label: number;
  readonly className: string;
  /** [K], sums to 1. */
  readonly probabilities: Float32Array;
}

/**
 * A trained classifier: its network and its weights, the moving averages where training kept them. `fit` and `load` give it.
 * Images are float32 [B, H, W, C], prepared as those of training were.
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(), batch(4, { workers: 0 }));
 * const classifier = await fit(images$, { model: cnn({ filters: [4] }), backend: 'cpu' });
 * const { samples } = await classifier.evaluate(images$);
 * console.log(samples); // → 8
 */
export class Trained {
  constructor(
    readonly network: Network,
    /** Owned: `dispose` frees it. */
    readonly state: State,
  ) {
    const wrong = modelMismatch([network], state);
    if (wrong) throw new RxaugError(`${network.name}: its state ${wrong}; it belongs to another model`);
    this.weights = weightsOf(state);
  }

  /** What it computes with: the moving averages, where training kept them. They are the state's tensors. */
  readonly weights: Pick<State, 'params' | 'stats'>;

  get classes(): readonly string[] {
    return this.network.classes;
  }

  /** Images [B, H, W, C], prepared as those of training were → logits [B, K]; the caller disposes of them. */
  logits(images: tf.Tensor4D): tf.Tensor2D {
    this.check(images);
    return tf.tidy(() => forward(this.network, this.weights, images).logits);
  }

  private check(images: tf.Tensor4D): void {
    const shape = images.shape.slice(1);
    if (shape.join() !== this.network.input.join()) {
      throw new RxaugError(
        expected(
          'predict',
          `images of ${this.network.input.join('×')}`,
          shape,
          'resize them as for training',
        ),
      );
    }
  }

  /** The same as plain numbers, one prediction an image. */
  async predict(images: tf.Tensor4D): Promise<Prediction[]> {
    const probabilities = tf.tidy(() => tf.softmax(this.logits(images)));
    try {
      const values = (await probabilities.data()) as Float32Array;
      const classes = this.classes.length;
      return Array.from({ length: images.shape[0] }, (_, i) => {
        const row = values.slice(i * classes, (i + 1) * classes);
        const label = likeliest('predict', row, i);
        return { label, className: this.classes[label], probabilities: row };
      });
    } finally {
      probabilities.dispose();
    }
  }

  /** Monte-Carlo dropout: the mean and the variance of the probabilities over passes with dropout at work. */
  async predictMonteCarlo(
    images: tf.Tensor4D,
    options: MonteCarloOptions = {},
  ): Promise<MonteCarloPrediction[]> {
    this.check(images);
    return monteCarlo(this.network, this.weights, images, options);
  }

  /** Mean loss and top-1 accuracy over a stream of batches, each of which is disposed of. */
  evaluate(batches: Observable<Batch>): Promise<Evaluated> {
    return evaluateClassifier(this.network, this.weights, pull(batches));
  }

  dispose(): void {
    disposeState(this.state);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}
