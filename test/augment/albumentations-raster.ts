/** How albumentations 2.0.8 moves boxes and keypoints under warps: it draws them, moves the pixels, and looks. */
import type { Move } from '../../src/augment/plan/plan.js';
import type { Corners, Numbered, Point, Size } from './outlines.js';

export const numbered = <T>(value: T, i: number): Numbered<T> => [i, value];

/** A box cut off at the edges of an image; one that lies outside becomes a line. */
export function inFrame([x0, y0, x1, y1]: Corners, { width, height }: Size): Corners {
  const within = (v: number, most: number) => Math.min(most, Math.max(0, v));
  return [within(x0, width), within(y0, height), within(x1, width), within(y1, height)];
}

/** Fills the box, moves the pixels, and takes the first and the last that are left; a box that is gone stays as it was. */
export function rasterizedBox(move: Move, box: Corners): Corners {
  const index = (v: number, side: number) => Math.max(0, Math.min(side - 1, roundToEven(v)));
  const [x0, y0, x1, y1] = box.map((v, k) => index(v, k % 2 === 0 ? move.width : move.height)) as [
    number,
    number,
    number,
    number,
  ];
  let found: Corners | undefined;
  for (const [x, y, u, v] of sources(move)) {
    if (u < x0 || u > x1 || v < y0 || v > y1) continue;
    const [left, top, right, bottom] = found ?? [x, y, x, y];
    found = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  return found ?? box;
}

/** Draws a plus of five pixels for each keypoint, moves the pixels, and takes the first that is left. */
export function rasterizedPoints(move: Move, points: readonly Numbered<Point>[]): Numbered<Point>[] {
  const { width, height } = move;
  const drawn = new Int16Array(width * height).fill(-1);
  points.forEach(([, [x, y]], k) => {
    const [cx, cy] = [roundToEven(x - 0.5), roundToEven(y - 0.5)];
    const plus = [
      [cx, cy - 1],
      [cx - 1, cy],
      [cx, cy],
      [cx + 1, cy],
      [cx, cy + 1],
    ] as const;
    if (!isIn(cx, cy, move)) return;
    for (const [u, v] of plus) if (isIn(u, v, move)) drawn[v * width + u] = k;
  });
  const first = new Map<number, Point>();
  for (const [x, y, u, v] of sources(move)) {
    const k = isIn(u, v, move) ? (drawn[v * width + u] as number) : -1;
    if (k >= 0 && !first.has(k)) first.set(k, [x + 0.5, y + 0.5]);
  }
  return points.flatMap(([i], k): Numbered<Point>[] => {
    const point = first.get(k);
    return point ? [[i, point]] : [];
  });
}

const isIn = (x: number, y: number, { width, height }: Size) => x >= 0 && y >= 0 && x < width && y < height;

/** Every pixel of the result and the pixel that it shows, by index, row by row. */
function* sources({ to }: Move): Generator<readonly [x: number, y: number, u: number, v: number]> {
  if (!('kind' in to)) throw new Error('sources: expected a warp');
  const us = new Float64Array(to.width);
  const vs = new Float64Array(to.width);
  for (let y = 0; y < to.height; y++) {
    to.row(y, us, vs);
    for (let x = 0; x < to.width; x++) yield [x, y, Math.floor(us[x]!), Math.floor(vs[x]!)];
  }
}

/** As Python rounds. */
function roundToEven(v: number): number {
  const low = Math.floor(v);
  if (v - low !== 0.5) return Math.round(v);
  return low % 2 === 0 ? low : low + 1;
}
