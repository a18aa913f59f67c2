import type { Layer, Shape } from '../train/layers/index.js';
import { cnn } from '../train/models/cnn.js';
import { filtersAt, halvings } from './images.js';

/**
 * The classifier of a guide, and the encoder of a DAGAN: images [H, W, C] → [outputs]. A small CNN with batch norm, which
 * halves the image down to 4×4 and averages each channel (so position does not matter).
 */
export function classifierLayers(owner: string, image: Shape, width: number, outputs: number): Layer {
  const filters = Array.from({ length: halvings(owner, image) }, (_, i) => filtersAt(width, i));
  return cnn({ filters }).layers(outputs);
}
