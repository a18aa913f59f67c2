export { type LatentBank, latentBank } from './bank.js';
export { certain } from './certain.js';
export type { Coding } from './codec.js';
export {
  type GanMixOptions,
  type Generating,
  ganMix,
  type MadeFilter,
  type MadeImages,
  replayGanMix,
} from './gan-mix.js';
export {
  type GanTranslateOptions,
  ganTranslate,
  replayGanTranslate,
  type Translating,
} from './gan-translate.js';
export { type LatentNoiseOptions, latentNoise, replayLatentNoise } from './latent-noise.js';
