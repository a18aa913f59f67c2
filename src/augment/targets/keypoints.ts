/**
 * Keypoints follow the pixels; those that leave the image are invisible from then on, and pairs change places when
 * it is mirrored. The border belongs to the image: a point at x = 0 or x = W is visible.
 */
import { BadSampleError, expected, type Keypoint, type Keypoints, show } from '../../core/index.js';
import type { Move } from '../plan/plan.js';
import { followPoint, mirrors } from './points.js';
import type { Point } from './polygon.js';

/**
 * The keypoints of a sample after the moves of its plan: as many as before.
 *
 * @param covered says whether erased pixels hide a point of the final image
 * @throws BadSampleError for points without coordinates, and for pairs that no two points of the sample are
 */
export function moveKeypoints(
  keypoints: Keypoints,
  moves: readonly Move[],
  width: number,
  height: number,
  covered?: (point: Point) => boolean,
): Keypoint[] {
  const { items, swap = [] } = keypoints;
  if (!Array.isArray(items) || !Array.isArray(swap) || !swap.every((pair) => pair?.length === 2)) {
    const form = '{ items: [{ x, y }], swap: [[i, j]] }';
    throw new BadSampleError(expected('keypoints', form, keypoints, 'fix the data set'));
  }
  const moved = keypoints.items.map((point, i): Keypoint => {
    if (!Number.isFinite(point?.x) || !Number.isFinite(point?.y)) {
      const form = 'x and y as numbers';
      throw new BadSampleError(expected(`keypoint ${i}`, form, point, 'fix it or leave it out'));
    }
    const { at, visible } = followPoint(moves, [point.x, point.y], width, height);
    const [x, y] = at;
    const seen = (point.visible ?? true) && visible && !(covered?.(at) ?? false);
    return { ...point, x, y, visible: seen };
  });
  // Pairs are looked at under every move, so that a wrong one does not wait for the first mirror.
  const places = swap.length > 0 ? swapped(keypoints) : undefined;
  if (!places || !mirrors(moves)) return moved;
  // The left eye's place holds what is now the left eye; names stay with their places.
  return places.map((from, i) => {
    const { name: _, ...point } = moved[from] as Keypoint;
    const name = moved[i]?.name;
    return name === undefined ? point : { ...point, name };
  });
}

/** For each place, the place whose point comes there under a mirror. */
function swapped({ items, swap = [] }: Keypoints): number[] {
  const order = items.map((_, i) => i);
  const paired = new Set<number>();
  for (const pair of swap) {
    const [i, j] = pair.map((end) => placeOf(end, items)) as [number, number];
    if (i === j || paired.has(i) || paired.has(j)) {
      throw new BadSampleError(
        expected('keypoints: swap', 'each point in one pair at most', pair, 'fix swap'),
      );
    }
    paired.add(i).add(j);
    [order[i], order[j]] = [j, i];
  }
  return order;
}

function placeOf(end: number | string, items: readonly Keypoint[]): number {
  if (typeof end === 'number') {
    if (Number.isInteger(end) && end >= 0 && end < items.length) return end;
    throw new BadSampleError(
      `keypoints: swap: expected positions in 0..${items.length - 1} but received ${show(end)}; fix swap`,
    );
  }
  const found = items.findIndex(({ name }) => name === end);
  if (found >= 0 && items.findLastIndex(({ name }) => name === end) === found) return found;
  const what =
    found < 0 ? `no keypoint has the name ${show(end)}` : `two keypoints have the name ${show(end)}`;
  throw new BadSampleError(`keypoints: swap: ${what}; name each keypoint, or give the pairs by position`);
}
