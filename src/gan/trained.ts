import { expected, fold, keyOf, RxaugError, tag } from '../core/index.js';
import { tf } from '../graph/tf.js';
import { normalArray } from '../train/ops/noise.js';
import { weightsOf } from '../train/optimizers/ema.js';
import { modelMismatch } from '../train/state/shape-mismatch.js';
import { disposeState, type State } from '../train/state/tensors.js';
import type { InputSpec } from '../train/task.js';
import type { ModelFunctions } from './functions.js';
import type { Part, Weights } from './part.js';

/**
 * The base of all trained generative models: weights, classes, and functions by name. `dispose` frees the weights.
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const generator = await fit(images$, { model: gan({ latent: 4, width: 4, criticWidth: 4 }), backend: 'cpu' });
 * const model: GenerativeModel = generator;
 * console.log(Object.keys(model.functions)); // → [ 'generate', 'score' ]
 */
export abstract class GenerativeModel {
  /** The weights it uses: the moving averages if training had `ema`. */
  readonly weights: Weights;

  constructor(
    protected readonly spec: InputSpec,
    /** The state, which `dispose` frees. */
    readonly state: State,
    parts: readonly Part[],
  ) {
    const wrong = modelMismatch(parts, state);
    if (wrong) throw new RxaugError(`${new.target.name}: its state ${wrong}; it belongs to another model`);
    this.weights = weightsOf(state);
  }

  /** The functions of the model by name. */
  abstract readonly functions: ModelFunctions;

  get classes(): readonly string[] {
    return this.spec.classes;
  }

  /** All tensors that its functions use. */
  protected get tensors(): Readonly<Record<string, tf.Tensor>> {
    return { ...this.weights.params, ...this.weights.stats };
  }

  /** Refuses images [B, H, W, C] of another shape than in training. */
  protected checkShape(owner: string, images: tf.Tensor4D): void {
    const { input } = this.spec;
    const shape = images.shape.slice(1);
    if (shape.join() === input.join()) return;
    throw new RxaugError(
      expected(owner, `images of ${input.join('×')}`, shape, 'resize them as for training'),
    );
  }

  dispose(): void {
    disposeState(this.state);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Normal noise [count, size] from a seed, the same on every backend. */
export function noiseOf(count: number, size: number, seed: number): tf.Tensor2D {
  const key = fold(keyOf(seed), tag('noise'));
  return tf.tensor2d(normalArray(key, count * size), [count, size]);
}

/** The given noise, after a check of its shape, or noise drawn from a seed. */
export function noiseFrom(
  owner: string,
  from: number | tf.Tensor2D,
  count: number,
  size: number,
): tf.Tensor2D {
  if (typeof from === 'number') return noiseOf(count, size, from);
  if (from.shape.join() === [count, size].join()) return from;
  throw new RxaugError(
    expected(owner, `noise of ${count}×${size}`, from.shape, `make it with noise(${count})`),
  );
}
