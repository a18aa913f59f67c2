/** A model with its weights, for inference: what training gives and a checkpoint holds. */

import type { Observable } from 'rxjs';
import { type Batch, expected, messageOf, RxaugError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { pull } from '../../stream/demand.js';
import { modelFrom } from '../models/index.js';
import { build, forward, type ModelConfig, type Network } from '../models/model.js';
import { registerKernels } from '../ops/kernels.js';
import { weightsOf } from '../optimizers/ema.js';
import { type Checkpoint, loadCheckpoint } from '../state/checkpoint.js';
import { misfitOf } from '../state/shape-mismatch.js';
import { disposeState, type State } from '../state/tensors.js';
import type { Evaluated } from '../task.js';
import { evaluateClassifier } from './evaluate.js';
import { likeliest, type MonteCarloOptions, type MonteCarloPrediction, monteCarlo } from './monte-carlo.js';

export interface Prediction {
  /** Index of the most probable class. */
  readonly label: number;
  readonly className: string;
  /** [K], sums to 1. */
  readonly probabilities: Float32Array;
}

export class Trained {
  constructor(
    readonly network: Network,
    /** Owned: `dispose` frees it. */
    readonly state: State,
  ) {
    const wrong = misfitOf([network], state);
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

/** The classifier in a checkpoint; a backend must be loaded. */
export async function loadModel(file: string): Promise<Trained> {
  registerKernels();
  const checkpoint = await loadCheckpoint(file);
  try {
    return trainedOf(checkpoint);
  } catch (error) {
    disposeState(checkpoint.state);
    throw error;
  }
}

function trainedOf({ path: file, identity, look, state }: Checkpoint): Trained {
  const refuse = (why: string) => new RxaugError(`checkpoint ${file}: ${why}`);
  if (identity.task !== 'classification') {
    throw refuse(`holds ${identity.task}, not a classifier; load it with what trained it`);
  }
  let network: Network;
  try {
    network = build(modelFrom(identity.model as ModelConfig), look);
  } catch (error) {
    if (error instanceof RxaugError) throw refuse(error.message);
    throw refuse(
      `describes no model that this rxaug knows (${messageOf(error)}); use the rxaug that wrote it`,
    );
  }
  const wrong = misfitOf([network], state);
  if (wrong) throw refuse(`${wrong}; it is of another model, or of another version of it: train it again`);
  return new Trained(network, state);
}
