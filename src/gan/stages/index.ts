export { type LatentBank, latentBank } from './bank.js';
export type { Coding } from './codec.js';
export { classifierLabels, confidenceFilter } from './confidence-filter.js';
export { criticFilter } from './critic-filter.js';
export {
  type GanMixOptions,
  type Generating,
  ganMix,
  replayGanMix,
  replayGanMixLabels,
} from './gan-mix.js';
export {
  type GanTranslateOptions,
  ganTranslate,
  replayGanTranslate,
  type Translating,
} from './gan-translate.js';
export type { MadeFilter, MadeImages, MadeLabels } from './generated-images.js';
export { type LatentNoiseOptions, latentNoise, replayLatentNoise } from './latent-noise.js';
