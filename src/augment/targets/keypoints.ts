/**
 * Keypoints follow the pixels; those that leave the image stay invisible, and pairs change places when it is mirrored. The border belongs to the image: a point at x = 0 or x = W is visible.
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
  const isPair = (pair: unknown) => Array.isArray(pair) && pair.length === 2;
  if (!Array.isArray(items) || !Array.isArray(swap) || !swap.every(isPair)) {
    const form = '{ items: [{ x, y }], swap: [[i, j]] }';
    throw new BadSampleError(expected('keypoints', form, keypoints, 'fix the data set'));
  }
  const moved = keypoints.items.map((point, i): Keypoint => {
    const odd = oddPoint(point);
    if (odd) throw new BadSampleError(expected(`keypoint ${i}`, odd, point, 'fix it or leave it out'));
    const { at, visible } = followPoint(moves, [point.x, point.y], width, height);
    const [x, y] = at;
    const seen = (point.visible ?? true) && visible && !(covered?.(at) ?? false);
    return { ...point, x, y, visible: seen };
  });
  // Pairs are checked under every move: a wrong one is reported before the first mirror.
  const places = swap.length > 0 ? swapped(keypoints) : undefined;
  if (!places || !mirrors(moves)) return moved;
  // The left eye's place holds what is now the left eye; names stay with their places.
  return places.map((from, i) => {
    const { name: _, ...point } = moved[from] as Keypoint;
    const name = moved[i]?.name;
    return name === undefined ? point : { ...point, name };
  });
}

/** Pixels from the image's corner; beyond it, moves could lead to no number at all. */
const FARTHEST = 1e9;

/** What a point should have, where it has something else. */
function oddPoint(point: Keypoint): string | undefined {
  const { x, y, visible = true, instance = 0, name = '' } = point ?? {};
  if (!Number.isFinite(x) || !Number.isFinite(y)) return 'x and y as numbers';
  if (Math.max(Math.abs(x as number), Math.abs(y as number)) > FARTHEST)
    return `x and y of ${FARTHEST} pixels at the most`;
  // Flags such as COCO's 0, 1, 2 would all count as visible somewhere.
  if (typeof visible !== 'boolean') return 'visible to be true or false';
  if (!(Number.isInteger(instance) && instance >= 0)) return 'instance to be a whole number ≥ 0';
  return typeof name === 'string' ? undefined : 'name to be text';
}

/** For each place, the place whose point comes there under a mirror. */
function swapped({ items, swap = [] }: Keypoints): number[] {
  const order = items.map((_, i) => i);
  const paired = new Set<number>();
  for (const pair of swap) {
    for (const [i, j] of placesOf(pair, items)) {
      if (i === j || paired.has(i) || paired.has(j)) {
        throw new BadSampleError(
          expected('keypoints: swap', 'each point in one pair at most', pair, 'fix swap'),
        );
      }
      paired.add(i).add(j);
      [order[i], order[j]] = [j, i];
    }
  }
  return order;
}

type Place = [number, number];

/** The points that a pair is: two positions, or those of its names in each instance. */
function placesOf([first, second]: readonly unknown[], items: readonly Keypoint[]): Place[] {
  if (items.length === 0) return []; // an image without objects has no pairs
  if (typeof first === 'number' && typeof second === 'number') {
    const wrong = [first, second].find((end) => !(Number.isInteger(end) && end >= 0 && end < items.length));
    if (wrong === undefined) return [[first, second]];
    throw new BadSampleError(
      `keypoints: swap: expected positions in 0..${items.length - 1} but received ${show(wrong)}; fix swap`,
    );
  }
  if (typeof first !== 'string' || typeof second !== 'string')
    throw new BadSampleError(expected('keypoints: swap', 'two positions or two names', [first, second]));
  const [all, others] = [placesNamed(first, items), placesNamed(second, items)];
  return [...all].map(([instance, i]): Place => {
    const j = others.get(instance);
    if (j !== undefined && others.size === all.size) return [i, j];
    const of = instance === undefined ? '' : ` of instance ${instance}`;
    throw new BadSampleError(
      `keypoints: swap: expected ${show(first)} and ${show(second)} in the same instances, but not both are${of || ' without one'}; add the other, with visible: false if it is hidden`,
    );
  });
}

/** Where the point of a name is, by its instance. */
function placesNamed(name: string, items: readonly Keypoint[]): Map<number | undefined, number> {
  const found = new Map<number | undefined, number>();
  items.forEach((point, i) => {
    if (point.name !== name) return;
    if (found.has(point.instance)) {
      throw new BadSampleError(
        `keypoints: swap: two keypoints have the name ${show(name)}; name each keypoint, give those of each object an instance, or give the pairs by position`,
      );
    }
    found.set(point.instance, i);
  });
  if (found.size > 0) return found;
  throw new BadSampleError(
    `keypoints: swap: no keypoint has the name ${show(name)}; name each keypoint, or give the pairs by position`,
  );
}
