/** An augmentation network as what augments in a search by a critic: it follows the gradient of its images' loss. */
import { fold, tag } from '../../core/index.js';
import { learner } from '../../gan/learner.js';
import { tf } from '../../graph/tf.js';
import { adam } from '../../train/optimizers/adam.js';
import { weightsOf } from '../../train/optimizers/ema.js';
import type { AugmenterFor } from '../critic/augmenter.js';
import { startStages } from '../policy/batch-stages.js';
import { reachOf } from '../space/search-op.js';
import type { SearchSpace } from '../space/search-space.js';
import {
  applyNetwork,
  augmentationNetwork,
  identityWeights,
  type NetworkConfig,
} from './augmentation-network.js';
import { figuresOf, type NetworkFigure } from './figures.js';
import { noiseFor } from './noise.js';
import { savedFrom } from './saved-network.js';

/** `rate` is Adam's. */
export function networkAugmenter(
  space: SearchSpace,
  config: NetworkConfig,
  { rate }: { readonly rate: number },
): AugmenterFor {
  return () => {
    const net = augmentationNetwork(config);
    const own = learner('augmentation', net.parts, { optimizer: adam({ beta1: 0.5 }) });
    const slotsOf = (slots: Readonly<Record<string, tf.Tensor>>) =>
      Object.fromEntries(Object.entries(slots).filter(([name]) => name.startsWith('augmentation:')));
    return {
      identity: { network: config, rate },
      averaged: ['geometry/', 'color/'],
      start(key) {
        const { params } = identityWeights(net, key);
        return { params, slots: own.init(params) };
      },
      turn(state, images, key) {
        const noise = noiseFor(fold(key, tag('augmentation')), images.shape[0], config.noise);
        return {
          params: own.own(state),
          augment: (params) => applyNetwork(net, { params, stats: {} }, images, noise).images,
          learn({ gradients, moves }) {
            if (!moves) return { params: own.own(state), slots: slotsOf(state.slots) };
            const learned = own.learn(state, gradients, tf.scalar(rate)).state;
            return { params: own.own(learned), slots: slotsOf(learned.slots) };
          },
          standing() {
            const figures = figuresOf(net, state, images);
            // One thing is done to every image.
            return { strength: strengthOf(figures), effectiveOps: 1 };
          },
        };
      },
      found(state, images) {
        const weights = weightsOf(state);
        const figures = figuresOf(net, weights, images);
        const network = { saved: savedFrom(net, weights), figures };
        return {
          policy: { subPolicies: [], network, ...startStages(space) },
          moved: distanceOf(figures),
        };
      },
    };
  };
}

const strengthOf = (figures: readonly { readonly strength: number }[]) =>
  figures.reduce((sum, { strength }) => sum + strength, 0);

/** From the identity: root of the sum of squares over all quantities, each as a share of its farther bound. */
const distanceOf = (figures: readonly NetworkFigure[]) =>
  Math.sqrt(
    figures.reduce((sum, { mean, sd, bounds }) => {
      return sum + ((mean - bounds.neutral) ** 2 + sd ** 2) / reachOf(bounds) ** 2;
    }, 0),
  );
