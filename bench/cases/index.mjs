/** Every case, in the order in which they run. */

import augment from './augment-224.mjs';
import augmentDecoded from './augment-224-decoded.mjs';
import augMix from './augmix-224.mjs';
import cifar from './cifar-32.mjs';
import decode from './decode.mjs';
import generativeGan from './generative-gan.mjs';
import generativeLatent from './generative-latent.mjs';
import large from './large-photos.mjs';
import prepareCifar from './prepare-cifar.mjs';
import prepareLarge from './prepare-large.mjs';
import preparePhotos from './prepare-photos.mjs';
import prepareWorkers from './prepare-workers.mjs';
import randAugment from './randaugment-224.mjs';
import rawCache from './raw-cache.mjs';
import scaling from './scaling.mjs';
import searchStep from './search-step.mjs';
import starvation from './starvation.mjs';
import trainStepGan from './train-step-gan.mjs';
import trainStep from './train-step-resnet20.mjs';
import trainStepFull from './train-step-resnet20-full.mjs';
import trainStepCnn from './train-step-small-cnn.mjs';
import trainStepVit from './train-step-vit.mjs';
import trainStepWide from './train-step-wrn16-4.mjs';
import trivialAugment from './trivialaugment-224.mjs';

export const CASES = [
  decode,
  augment,
  augmentDecoded,
  randAugment,
  trivialAugment,
  augMix,
  cifar,
  large,
  rawCache,
  preparePhotos,
  prepareLarge,
  prepareCifar,
  prepareWorkers,
  scaling,
  starvation,
  trainStep,
  trainStepFull,
  trainStepWide,
  trainStepCnn,
  trainStepVit,
  trainStepGan,
  searchStep,
  generativeLatent,
  generativeGan,
];
