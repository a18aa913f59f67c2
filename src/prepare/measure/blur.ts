/** How sharp an image is, at a size that is the same for all. */
import { type Luma, resizeLuma } from './luma.js';

/** The longer side, at most: what a training image shows. */
const LONGEST = 256;

/**
 * Sharpness: the variance of the Laplacian `[0 1 0; 1 -4 1; 0 1 0]` of the luma, in squared gray levels (Pech-Pacheco et
 * al., "Diatom autofocusing in brightfield microscopy: a comparative study", ICPR 2000). The image is first reduced to at
 * most 256 pixels along its longer side, never enlarged, so that large photos and small ones compare. The edge pixels
 * are left out; 0 for images below 3 × 3 pixels. Sharp photos have some hundreds or thousands, blurred ones below about 50; it depends on
 * what they show, so look at your own before you set a limit.
 */
export function sharpnessOf(luma: Luma): number {
  const { data, width, height } = reduced(luma);
  const inner = (width - 2) * (height - 2);
  if (width < 3 || height < 3) return 0;
  let [sum, squares] = [0, 0];
  for (let y = 1; y < height - 1; y++)
    for (let x = 1, i = y * width + 1; x < width - 1; x++, i++) {
      const value =
        (data[i - width] as number) +
        (data[i - 1] as number) +
        (data[i + 1] as number) +
        (data[i + width] as number) -
        4 * (data[i] as number);
      sum += value;
      squares += value * value;
    }
  return (squares - (sum * sum) / inner) / inner;
}

function reduced(luma: Luma): Luma {
  const { width, height } = luma;
  const longer = Math.max(width, height);
  if (longer <= LONGEST) return luma;
  const side = (n: number) => Math.max(1, Math.round((n * LONGEST) / longer));
  return resizeLuma(luma, side(width), side(height));
}
