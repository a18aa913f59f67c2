/** Keypoints follow the pixels; those that leave the image are marked, and pairs swap names when it is mirrored. */
import { BadSampleError, expected, type Keypoint, type Keypoints } from '../../core/index.js';
import type { Move } from '../plan/plan.js';
import { finalSize, mirrors, movePoint } from './points.js';

export function moveKeypoints(
  keypoints: Keypoints,
  moves: readonly Move[],
  width: number,
  height: number,
): Keypoint[] {
  const [W, H] = finalSize(moves, width, height);
  const { items, swap = [] } = keypoints;
  if (!Array.isArray(items) || !Array.isArray(swap) || !swap.every(Array.isArray)) {
    const form = '{ items: [{ x, y }], swap: [[i, j]] }';
    throw new BadSampleError(expected('keypoints', form, keypoints, 'mend the data set'));
  }
  const moved = keypoints.items.map((point, i): Keypoint => {
    if (!Number.isFinite(point?.x) || !Number.isFinite(point?.y)) {
      const form = 'x and y as numbers';
      throw new BadSampleError(expected(`keypoint ${i}`, form, point, 'mend it or leave it out'));
    }
    const [x, y] = movePoint(moves, [point.x, point.y]);
    const inside = x >= 0 && y >= 0 && x < W && y < H;
    return { ...point, x, y, visible: (point.visible ?? true) && inside };
  });
  if (!keypoints.swap || !mirrors(moves)) return moved;
  const order = moved.map((_, i) => i);
  for (const [i, j] of keypoints.swap) {
    if (!(i in moved) || !(j in moved)) {
      throw new BadSampleError(
        `keypoints: expected swap pairs within 0..${moved.length - 1} but received [${i}, ${j}]; mend swap`,
      );
    }
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  // The left eye's place holds what is now the left eye; names stay with their places.
  return order.map((from, i) => ({ ...(moved[from] as Keypoint), name: moved[i]?.name }));
}
