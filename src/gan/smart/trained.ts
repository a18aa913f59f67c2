import { expected, RxaugError } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import { Trained } from '../../train/classification/classifier.js';
import { build } from '../../train/models/model.js';
import type { State, Tensors } from '../../train/state/tensors.js';
import type { ModelFunctions } from '../functions.js';
import { GenerativeModel } from '../trained.js';
import { runUnet } from '../unet.js';
import { type BuiltSmart, smartParts } from './smart.js';

/**
 * Both nets of a trained Smart Augmentation: `merge` makes one image from several of a class, and `classifier` classifies.
 * `fit` and `load` return it.
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const model = smartAugmentation({ width: 4, classifier: cnn({ filters: [4] }) });
 * const both = await fit(images$, { model, backend: 'cpu' });
 * console.log(both.functions.merge.inputs[0].shape); // → [ null, 8, 8, 6 ]
 */
export class SmartAugmenter extends GenerativeModel {
  /** Net B. `dispose` frees it too. */
  readonly classifier: Trained;

  constructor(
    readonly built: BuiltSmart,
    state: State,
  ) {
    super(built.spec, state, smartParts(built));
    const network = build(built.model.config.classifier, built.spec);
    const own = (tensors: Tensors, names: readonly { readonly name: string }[]) =>
      Object.fromEntries(names.map(({ name }) => [name, tensors[`classifier/${name}`].clone()]));
    this.classifier = new Trained(network, {
      params: own(state.params, network.params),
      stats: own(state.stats, network.stats),
      slots: {},
    });
  }

  /** Merges k stacks of images [B, H, W, C] in [−1, 1], each row of one class, into images [B, H, W, C]. */
  merge(images: readonly tf.Tensor4D[]): tf.Tensor4D {
    const { model, spec, merger } = this.built;
    if (images.length !== model.config.images) {
      throw new RxaugError(expected('merge', `${model.config.images} stacks of images`, images.length));
    }
    const sizes = [images[0].shape[0], ...spec.input].join('×');
    const odd = images.find(({ shape }) => shape.join('×') !== sizes);
    if (odd) throw new RxaugError(expected('merge', `images of ${sizes}`, odd.shape));
    return tf.tidy(() => runUnet(merger, this.weights, tf.concat([...images], 3) as tf.Tensor4D));
  }

  /** merge: originals [B, H, W, C·k], concatenated on the channels → images. */
  get functions(): ModelFunctions {
    const { merger, spec, model } = this.built;
    const [height, width, channels] = spec.input;
    return {
      merge: {
        inputs: [{ name: 'originals', shape: [null, height, width, channels * model.config.images] }],
        params: this.tensors,
        run: ({ originals }) => ({ images: runUnet(merger, this.weights, originals as tf.Tensor4D) }),
      },
    };
  }

  override dispose(): void {
    this.classifier.dispose();
    super.dispose();
  }
}
