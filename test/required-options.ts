/** Required options of the transforms that have any, for tests that run over all transforms. */
import { histogramOf, spectrumOf } from '../src/augment/index.js';
import { picture } from '../src/testing/pictures.js';

export function requiredOptions(name: string, seed: number): Record<string, unknown> | undefined {
  return REQUIRED[name]?.(seed);
}

const REQUIRED: Readonly<Record<string, (seed: number) => Record<string, unknown>>> = {
  resize: (seed) => ({ size: [1 + (seed % 61), 1 + (seed % 37)] }),
  centerCrop: (seed) => ({ size: [1 + (seed % 61), 1 + (seed % 37)] }),
  randomResizedCrop: (seed) => ({ size: [1 + (seed % 61), 1 + (seed % 37)] }),
  boxSafeCrop: (seed) => ({ size: [1 + (seed % 61), 1 + (seed % 37)] }),
  padTo: (seed) => ({ size: 1 + (seed % 61) }),
  longestMaxSize: (seed) => ({ size: 1 + (seed % 61) }),
  smallestMaxSize: (seed) => ({ size: 1 + (seed % 37) }),
  histogramMatching: (seed) => ({ references: [histogramOf(picture(9, 7, seed))] }),
  fourierDomainAdaptation: (seed) => ({ references: [spectrumOf(picture(19, 17, seed), 4)] }),
};
