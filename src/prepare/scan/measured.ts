/** What is measured of an image's pixels. */
import type { ImageRef } from '../../core/index.js';
import type { Decoder } from '../../io/index.js';
import { measure, measuredView } from '../measure/measure.js';
import { rounded } from '../rounded.js';
import type { Facts } from './facts.js';

export async function measured(
  decoder: Decoder,
  image: ImageRef,
  id: string,
): Promise<Pick<Facts, 'measures' | 'look'>> {
  const pixels = await decoder.decode(image, undefined, id, measuredView);
  const { sharpness, exposure, contrast, thumbnail } = measure(pixels);
  const { mean, black, white } = exposure;
  return {
    measures: {
      sharpness: rounded(sharpness),
      contrast: rounded(contrast),
      mean: rounded(mean),
      black: rounded(black),
      white: rounded(white),
    },
    look: Buffer.from(thumbnail).toString('base64'),
  };
}
