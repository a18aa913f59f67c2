export { approved } from './approved.js';
export { type LatentBank, latentBank } from './bank.js';
export { believed, certain } from './certain.js';
export type { Coding } from './codec.js';
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
export { type LatentNoiseOptions, latentNoise, replayLatentNoise } from './latent-noise.js';
export type { MadeFilter, MadeImages, MadeLabels } from './made.js';
