/** Pictures of `toys10`: scenes as a camera takes them, with noise and JPEG. */
import { Draws, fold, type Key, keyOf, tag } from '../../core/index.js';
import { encode } from '../made/encode.js';
import { grains } from '../made/grain.js';
import type { Picture, PictureOptions } from '../made/maker.js';
import { render } from './render.js';
import { sceneOf } from './scene.js';
import { TOYS } from './toys.js';

/** Pictures first..first+count−1; each depends on (seed, split, index) alone. */
export async function photograph(
  first: number,
  count: number,
  { seed, split, size }: PictureOptions,
): Promise<Picture[]> {
  const key = fold(keyOf(seed), tag(`toys10/${split}`));
  const pictures: Picture[] = [];
  for (let index = first; index < first + count; index++) {
    const own = fold(key, index);
    const label = index % TOYS.length;
    const pixels = render(sceneOf(label, new Draws(fold(own, 0))), size);
    const draws = new Draws(fold(own, 1));
    addNoise(pixels, draws.uniform(0, 7), fold(own, 2));
    pictures.push({ index, label, jpeg: await encode(pixels, size, Math.round(draws.uniform(75, 96))) });
  }
  return pictures;
}

/** Noise of a sensor, of a deviation in levels. */
function addNoise(pixels: Buffer, deviation: number, key: Key): void {
  const noise = grains(key, pixels.length, deviation);
  for (let i = 0; i < pixels.length; i++)
    pixels[i] = Math.max(0, Math.min(255, Math.round((pixels[i] as number) + (noise[i] as number))));
}
