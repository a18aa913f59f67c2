/** What is measured of an image's pixels. */
import type { ImageRef } from '../../core/index.js';
import type { Decoder } from '../../io/index.js';
import type { Facts } from './facts.js';

export async function measured(
  decoder: Decoder,
  image: ImageRef,
  id: string,
): Promise<Pick<Facts, 'measures' | 'look'>> {
  await decoder.decode(image, undefined, id);
  return {};
}
