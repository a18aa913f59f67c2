import { tf } from '../../graph/tf.js';
import {
  conv2d,
  dense,
  flatten,
  type Layer,
  leakyRelu,
  type Shape,
  sequential,
  spectralNorm,
} from '../../train/layers/index.js';
import type { Mode } from '../../train/models/model.js';
import type { Tensors } from '../../train/state/tensors.js';
import { filtersAt, halvings } from '../images.js';
import { type Part, part, run, type Weights } from '../part.js';

export type Conditioning = 'projection' | 'auxiliary' | 'none';

export interface CriticOptions {
  readonly width: number;
  readonly classes: number;
  readonly conditioning: Conditioning;
  readonly spectral: boolean;
}

export interface Critic {
  /** Image → φ. */
  readonly trunk: Part;
  /** φ → ψ(φ). */
  readonly head: Part;
  /** 'projection': c → c·V. */
  readonly projection?: Part;
  /** 'auxiliary': φ → logits. */
  readonly classifier?: Part;
}

/**
 * A critic: image and class → score, one number for each image. Convolutions of stride 2 with leaky ReLU and no
 * normalization (it would couple the samples of a batch, and a gradient penalty is about each sample alone), with spectral
 * norm on request; then φ, the features in one vector. How the class enters:
 *   'projection'  score = ψ(φ) + ⟨c·V, φ⟩   (Miyato and Koyama, "cGANs with projection discriminator", 2018)
 *   'auxiliary'   score = ψ(φ), and class logits   (Odena et al., AC-GAN, 2017)
 *   'none'        score = ψ(φ)
 * `name` is the prefix of the names of its parts.
 */
export function buildCritic(image: Shape, options: CriticOptions, name = 'critic'): Critic {
  const { width, classes, conditioning, spectral } = options;
  const bound = (layer: Layer) => (spectral ? spectralNorm(layer) : layer);
  const times = halvings('gan', image);
  const layers = [
    bound(conv2d(width, { name: 'image' })),
    leakyRelu(),
    ...Array.from({ length: times }, (_, i) => [
      bound(conv2d(filtersAt(width, i + 1), { kernel: 4, stride: 2, name: `conv${i + 1}` })),
      leakyRelu(),
    ]).flat(),
    flatten(),
  ];
  const trunk = part(`${name}/trunk`, sequential(layers), image);
  const last = (units: number, bias: boolean) =>
    bound(dense(units, { bias, initializer: 'lecunNormal', name: 'dense' }));
  const head = part(`${name}/head`, sequential([last(1, true)]), trunk.output);
  if (conditioning === 'none') return { trunk, head };
  if (conditioning === 'auxiliary') {
    return {
      trunk,
      head,
      classifier: part(`${name}/class`, sequential([last(classes, true)]), trunk.output),
    };
  }
  const units = trunk.output[0];
  return { trunk, head, projection: part(`${name}/class`, sequential([last(units, false)]), [classes]) };
}

export const criticParts = ({ trunk, head, projection, classifier }: Critic): Part[] =>
  [trunk, head, projection, classifier].filter((each) => each !== undefined);

export interface Critique {
  /** [B] */
  readonly score: tf.Tensor1D;
  /** [B, K], where the conditioning is 'auxiliary'. */
  readonly logits?: tf.Tensor2D;
  /** Singular vectors that spectral norm updated, in training. */
  readonly updates: Tensors;
}

/** Scores images [B, H, W, C] of classes [B, K]. Call it inside `tf.tidy`. */
export function criticise(
  { trunk, head, projection, classifier }: Critic,
  weights: Weights,
  images: tf.Tensor,
  classes?: tf.Tensor2D,
  mode: Mode = {},
): Critique {
  const features = run<tf.Tensor2D>(trunk, weights, images, mode);
  const plain = run(head, weights, features.y, mode);
  const along = projection && run(projection, weights, classes as tf.Tensor2D, mode);
  const logits = classifier && run<tf.Tensor2D>(classifier, weights, features.y, mode);
  const own = plain.y.reshape([-1]);
  const score = along ? tf.add(own, tf.sum(tf.mul(along.y, features.y), 1)) : own;
  return {
    score: score as tf.Tensor1D,
    ...(logits && { logits: logits.y }),
    updates: { ...features.updates, ...plain.updates, ...along?.updates, ...logits?.updates },
  };
}
