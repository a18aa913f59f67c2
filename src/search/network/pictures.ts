/** Pictures under an augmentation network, for reports. */
import { fold, keyOf, tag } from '../../core/index.js';
import { tf } from '../../graph/tf.js';
import type { Picture } from '../../report/contact-sheet.js';
import { ensureBackend } from '../../train/backends/load.js';
import { applyNetwork } from './augmentation-network.js';
import { noiseFor } from './noise.js';
import { loadNetwork, type SavedNetwork } from './saved-network.js';

const KEY = fold(keyOf(0), tag('network-pictures'));

/** Pictures of one size, each under noise of its own; the same for every network. */
export async function underNetwork(saved: SavedNetwork, pictures: readonly Picture[]): Promise<Picture[]> {
  const { net, weights } = loadNetwork('pictures', saved);
  const [{ width, height } = { width: 0, height: 0 }] = pictures;
  await ensureBackend();
  const area = width * height * 3;
  const given = new Float32Array(pictures.length * area);
  for (const [i, { data }] of pictures.entries())
    for (let k = 0; k < area; k++) given[i * area + k] = data[k] / 255;
  const made = tf.tidy(() => {
    const images = tf.tensor4d(given, [pictures.length, height, width, 3]);
    return applyNetwork(net, weights(), images, noiseFor(KEY, pictures.length, net.config.noise)).images;
  });
  const values = await made.data();
  made.dispose();
  return pictures.map((_, i) => ({
    data: Uint8Array.from(values.subarray(i * area, (i + 1) * area), (value) => Math.round(255 * value)),
    ...{ width, height },
  }));
}
