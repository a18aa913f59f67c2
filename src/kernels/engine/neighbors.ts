/** Convolution and median on the kernels: the twins of ../neighbors.ts, the same to the bit. */
import { PaddedRows, type QuantizedTaps } from '../neighbors.js';
import type { Located, Regions } from './memory.js';
import type { Address, Kernels } from './module.js';

/** Maximum number of taps, and their maximum distance, for `reserveNeighbors`. */
export const MOST_TAPS = 4096;
export const FARTHEST = 50;

/** Reserves memory, so later calls do not move it. */
export function reserveNeighbors(regions: Regions, side: number): void {
  regions.at('padded', PaddedRows.bytes(side, FARTHEST, FARTHEST));
  regions.at('tap rows', 4 * MOST_TAPS);
  regions.at('tap weights', 2 * MOST_TAPS);
}

/** Whether the kernels can do it. */
export const isNear = ({ weights, reachX, reachY }: QuantizedTaps): boolean =>
  weights.length <= MOST_TAPS && reachX <= FARTHEST && reachY <= FARTHEST;

export function convolveOn(
  kernels: Kernels,
  regions: Regions,
  image: Located,
  to: Address,
  { dx, dy, weights, reachX, reachY }: QuantizedTaps,
): void {
  const { width, height } = image;
  const [rows, ringAt] = padded(regions, image, reachX, reachY, 'reflect');
  const weightsAt = regions.at('tap weights', 2 * MOST_TAPS);
  const rowsAt = regions.at('tap rows', 4 * MOST_TAPS);
  const taps = weights.length;
  regions.int16(weightsAt, taps).set(weights);
  const addresses = regions.int32(rowsAt, taps);
  for (let y = 0; y < height; y++) {
    for (let t = 0; t < taps; t++)
      addresses[t] = ringAt + rows.at(y + (dy[t] as number)) + 3 * (dx[t] as number);
    kernels.vertical(rowsAt, weightsAt, taps, 3 * width, to + 3 * width * y);
  }
}

export function medianOn(
  kernels: Kernels,
  regions: Regions,
  image: Located,
  to: Address,
  size: number,
): void {
  const { width, height } = image;
  const reach = size >> 1;
  const [rows, ringAt] = padded(regions, image, reach, reach, 'edge');
  const rowsAt = regions.at('tap rows', 4 * MOST_TAPS);
  const addresses = regions.int32(rowsAt, size);
  for (let y = 0; y < height; y++) {
    for (let k = 0; k < size; k++) addresses[k] = ringAt + rows.at(y + k - reach) - 3 * reach;
    kernels.medianRow(rowsAt, size, 3 * width, to + 3 * width * y);
  }
}

function padded(
  regions: Regions,
  { at, width, height }: Located,
  reachX: number,
  reachY: number,
  border: 'edge' | 'reflect',
): [PaddedRows, Address] {
  const bytes = PaddedRows.bytes(width, reachX, reachY);
  const ringAt = regions.at('padded', bytes);
  const ring = regions.bytes.subarray(ringAt, ringAt + bytes);
  const source = regions.bytes.subarray(at, at + 3 * width * height);
  return [new PaddedRows(source, width, height, reachX, reachY, border, ring), ringAt];
}
