import { gaussianBlur } from '../blur/gaussian-blur.js';
import { grayscale } from '../color/grayscale.js';
import { solarize } from '../color/solarize.js';
import { oneOf } from '../transform/compose.js';

/**
 * 3-Augment: grayscale, solarize or Gaussian blur, one of them for each image (Touvron et al., "DeiT III", 2022).
 *
 * @example threeAugment()
 */
export const threeAugment = () =>
  oneOf(
    grayscale({ p: 1 }),
    solarize({ p: 1, threshold: [128, 128] }),
    gaussianBlur({ p: 1, sigma: [0.1, 2] }),
  );
