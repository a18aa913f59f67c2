/** A model with its weights, for inference: what training gives and a checkpoint holds. */

import { isObservable, type Observable } from 'rxjs';
import { type Batch, expected, RxaugError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { pull } from '../../stream/demand.js';
import type { ImageLike } from '../../stream/prepared-images.js';
import type { Preprocessing } from '../../stream/preprocessing.js';
import { kernelByKernel } from '../loop/evaluate.js';
import { forward, type Network } from '../models/model.js';
import { weightsOf } from '../optimizers/ema.js';
import { modelMismatch } from '../state/shape-mismatch.js';
import { disposeState, type State } from '../state/tensors.js';
import type { Evaluated } from '../task.js';
import { evaluateClassifier, measureBy } from './evaluate.js';
import { likeliest, type MonteCarloOptions, type MonteCarloPrediction, monteCarlo } from './monte-carlo.js';
import { type PredictOptions, Preparing, predictOptionsOf, refuseLeftOut } from './prepared.js';

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
    /** What images go through before the model sees them; undefined where a checkpoint is too old to say it. */
    readonly preprocessing?: Preprocessing,
  ) {
    this.preparing = new Preparing(network.input, preprocessing);
    const wrong = modelMismatch([network], state);
    if (wrong) throw new RxaugError(`${network.name}: its state ${wrong}; it belongs to another model`);
    this.weights = weightsOf(state);
  }

  private readonly preparing: Preparing;

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

  /**
   * The classes of images, each with its probability.
   *
   * An image is a path or file URL, the bytes of an encoded image, or RGB pixels `{ data, width, height }`: it goes
   * through what the images of validation went through (`preprocessing`), or through `transforms`. One image gives one
   * prediction, a list gives a list. A batch, or a stream of batches, is prepared already: its size, its values and its
   * `normalize` must be those of training; it is disposed of. A tensor [B, H, W, C] is prepared already too, and stays
   * the caller's.
   *
   * @throws UsageError where the preprocessing is not known, a batch was prepared in another way, or `transforms` are
   * given for prepared images; BadSampleError for an image that cannot be read, or comes out at another size than the
   * model takes, and for a stream that leaves images out.
   */
  predict(images: tf.Tensor4D): Promise<Prediction[]>;
  predict(batches: Batch | Observable<Batch>): Promise<Prediction[]>;
  predict(images: readonly ImageLike[], options?: PredictOptions): Promise<Prediction[]>;
  predict(image: ImageLike, options?: PredictOptions): Promise<Prediction>;
  async predict(
    given: tf.Tensor4D | Batch | Observable<Batch> | ImageLike | readonly ImageLike[],
    options: PredictOptions = {},
  ): Promise<Prediction | Prediction[]> {
    const prepared = given instanceof tf.Tensor || isObservable(given) || isBatch(given);
    const { transforms } = predictOptionsOf(options, { prepared });
    if (given instanceof tf.Tensor) {
      await this.checkPrepared(given);
      return this.predictPrepared(given);
    }
    if (isObservable(given)) {
      const found: Prediction[] = [];
      for await (const batch of pull(given)) {
        found.push(...(await this.predictBatch(batch)));
        refuseLeftOut(batch);
      }
      return found;
    }
    if (isBatch(given)) return this.predictBatch(given);
    if (!Array.isArray(given))
      return (await this.predictImages([given as ImageLike], { transforms }))[0] as Prediction;
    return this.predictImages(given, { transforms });
  }

  /** Refuses images that are not prepared as those of training. */
  private checkPrepared(images: tf.Tensor4D, owner?: string): Promise<void> {
    this.check(images);
    return this.preparing.checkValues(images, owner);
  }

  private async predictImages(images: readonly ImageLike[], options: PredictOptions): Promise<Prediction[]> {
    const found: Prediction[] = [];
    for await (const group of this.preparing.groups(images, options)) {
      try {
        found.push(...(await this.predictPrepared(group)));
      } finally {
        group.dispose();
      }
    }
    return found;
  }

  private async predictBatch(batch: Batch): Promise<Prediction[]> {
    try {
      const images = await this.preparing.batch(batch);
      try {
        return await this.predictPrepared(images);
      } finally {
        images.dispose();
      }
    } finally {
      batch?.dispose?.();
    }
  }

  private async predictPrepared(images: tf.Tensor4D): Promise<Prediction[]> {
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
    await this.checkPrepared(images, 'predictMonteCarlo');
    return monteCarlo(this.network, this.weights, images, options);
  }

  /**
   * Mean loss and top-1 accuracy over a stream of batches, each of which is disposed of; `bad` has the samples that the
   * stream left out.
   *
   * @throws UsageError where the classes, sizes or `normalize` of the batches are not those of training
   */
  evaluate(batches: Observable<Batch>): Promise<Evaluated> {
    const checked = this.preparing.checked('evaluate', pull(batches));
    const measure = measureBy(this.network, weightsOf);
    return evaluateClassifier(this.network, measure, checked, kernelByKernel(this.state));
  }

  dispose(): void {
    disposeState(this.state);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

const isBatch = (given: unknown): given is Batch =>
  typeof given === 'object' && given !== null && 'labels' in given;
