/** An augmentation network on batches, behind `batch`. */
import type { MonoTypeOperatorFunction } from 'rxjs';
import { type Batch, expected, RxaugError, UsageError } from '../../core/index.js';
import { putRows, takeRows } from '../../gan/stages/rows.js';
import { stage } from '../../gan/stages/stage.js';
import { tf } from '../../graph/tf.js';
import { ensureBackend } from '../../train/backends/load.js';
import { applyNetwork } from './augmentation-network.js';
import { noiseFor } from './noise.js';
import { loadNetwork, networkSha256, type SavedNetwork } from './saved-network.js';

/** Its name in policies and recipes. */
export const NETWORK = 'augmentationNetwork';

/**
 * Augments every image of a batch by the network; noise is keyed by the batch and the row. Images are float32 in [0, 1], or
 * normalized: mean and standard deviation are those of `normalize` in the recipes of the samples.
 *
 * @throws {UsageError} for a network that cannot be loaded; the stream fails for batches of bytes, for colors where the
 * network is one of gray images, and for masks, boxes and keypoints, which it does not move
 */
export function networkOperator(
  saved: SavedNetwork,
  sha256 = networkSha256(saved),
): MonoTypeOperatorFunction<Batch> {
  const { net, weights } = loadNetwork(NETWORK, saved, sha256);
  return stage(NETWORK, {}, async (batch, key) => {
    if (batch.masks || batch.targets)
      throw new UsageError(
        `${NETWORK}: expected images with labels only but received masks, boxes or keypoints, which it does not move; use a policy of operations`,
      );
    if (batch.dtype !== 'float32' || batch.channels !== 3)
      throw new UsageError(
        expected(
          NETWORK,
          'float32 images of 3 channels',
          `${batch.dtype} images of ${batch.channels}`,
          'leave dtype of batch at float32',
        ),
      );
    await ensureBackend();
    const { mean, std } = statisticsOf(batch);
    const rows = Array.from({ length: batch.size }, (_, row) => row);
    const given = takeRows(batch, rows);
    for (let i = 0; i < given.length; i++) given[i] = (given[i] as number) * std[i % 3] + mean[i % 3];
    checkRange(given);
    if (net.config.channels === 1) checkGray(given);
    const made = tf.tidy(() => {
      const images = tf.tensor4d(given, [batch.size, batch.height, batch.width, 3]);
      return applyNetwork(net, weights(), images, noiseFor(key, batch.size, net.config.noise)).images;
    });
    const values = (await made.data()) as Float32Array;
    made.dispose();
    putRows(
      batch,
      rows,
      values.map((value, i) => (value - mean[i % 3]) / std[i % 3]),
    );
    return { batch, draw: { op: NETWORK, params: { model: sha256 } } };
  });
}

type Triple = readonly [number, number, number];
type Statistics = { readonly mean: Triple; readonly std: Triple };
const PLAIN: Statistics = { mean: [0, 0, 0], std: [1, 1, 1] };

/** How the images were normalized, by their recipes. */
function statisticsOf({ samples }: Batch): Statistics {
  const all = samples.map(({ recipe }) => recipe.find(({ op }) => op === 'normalize')?.params);
  const [first] = all;
  if (all.some((one) => JSON.stringify(one) !== JSON.stringify(first)))
    throw new RxaugError(
      `${NETWORK}: expected images that are all normalized alike; let one normalize() stand before batch()`,
    );
  return (first as Statistics | undefined) ?? PLAIN;
}

/** Single precision may miss an end by a little. */
const SLIP = 1e-3;

function checkRange(pixels: Float32Array): void {
  const odd = pixels.find((value) => !(value >= -SLIP && value <= 1 + SLIP));
  if (odd === undefined) return;
  throw new RxaugError(
    expected(
      NETWORK,
      'pixels in [0, 1] once normalize() is undone',
      odd,
      'let it stand directly behind batch()',
    ),
  );
}

/** A network of gray images reads the first channel alone: the others must not differ from it. */
function checkGray(pixels: Float32Array): void {
  const odd = pixels.findIndex((value, i) => Math.abs(value - (pixels[i - (i % 3)] as number)) > SLIP);
  if (odd < 0) return;
  throw new UsageError(
    `${NETWORK}: expected gray images, for it was learned from such, but received colors; search with channels: 3, or make the images gray before batch()`,
  );
}
