import { z } from 'zod';
import { type Scheduled, scheduled } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { samplingOptions } from '../transform/options.js';

const point = z.tuple([z.number(), z.number()]);
type Point = [number, number];

/**
 * Views the image from the side: its corners move inwards by random shares of half the sides, and the homography
 * that does so is applied (torchvision's RandomPerspective). The output has the input's size.
 *
 * `perspective(0.3)` is the largest move of a corner as a share of half the side; a schedule works in place of the
 * number. Masks, boxes and keypoints move with the pixels. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example perspective(0.3)
 */
export const perspective = defineTransform({
  name: 'perspective',
  options: z.strictObject({
    ...samplingOptions,
    /** Largest move of a corner as a share of half the side, default 0.5. */
    distortion: scheduled(0, 0.99).default(0.5),
  }),
  params: z.strictObject({
    ...samplingOptions,
    /** Where the corners go, as shares of width and height: upper left, upper right, lower right, lower left. */
    corners: z.tuple([point, point, point, point]),
  }),
  p: 0.5,
  shorthand: (distortion: Scheduled) => ({ distortion }),
  magnitude: (strength) => ({ distortion: 0.6 * strength }),
  draw(draws, { distortion, ...sampling }) {
    const d = () => (draws.uniform() * distortion) / 2;
    const corners: [Point, Point, Point, Point] = [
      [d(), d()],
      [1 - d(), d()],
      [1 - d(), 1 - d()],
      [d(), 1 - d()],
    ];
    return { ...sampling, corners };
  },
  lower({ corners, interpolation, border, fill }, plan) {
    const { width, height } = plan;
    const from: Point[] = [
      [0, 0],
      [width, 0],
      [width, height],
      [0, height],
    ];
    const to = corners.map(([x, y]): Point => [x * width, y * height]);
    if (to.every(([x, y], i) => x === from[i]?.[0] && y === from[i]?.[1])) return;
    const back = homography(to, from);
    const forth = homography(from, to);
    plan.warp({
      width,
      height,
      interpolation,
      border,
      fill,
      row(y, xs, ys) {
        for (let x = 0; x < width; x++) [xs[x], ys[x]] = project(back, x + 0.5, y + 0.5);
      },
      fast: (kernels, _, shift) => (y, us, vs) =>
        kernels.homographyRow(...back, y + 0.5, shift, width, us, vs),
      forward: (x, y) => project(forth, x, y),
    });
  },
});

/** The eight numbers of the homography that takes four points to four others. */
function homography(from: readonly Point[], to: readonly Point[]): number[] {
  const rows = from.flatMap(([x, y], i) => {
    const [u, v] = to[i] as Point;
    return [
      [x, y, 1, 0, 0, 0, -u * x, -u * y, u],
      [0, 0, 0, x, y, 1, -v * x, -v * y, v],
    ];
  });
  for (let c = 0; c < 8; c++) {
    // Gauss–Jordan with the largest pivot.
    let pivot = c;
    for (let r = c + 1; r < 8; r++) if (Math.abs(rows[r]![c]!) > Math.abs(rows[pivot]![c]!)) pivot = r;
    [rows[c], rows[pivot]] = [rows[pivot]!, rows[c]!];
    const lead = rows[c]!;
    for (let r = 0; r < 8; r++) {
      const row = rows[r]!;
      if (r === c) continue;
      const by = row[c]! / lead[c]!;
      for (let k = c; k < 9; k++) row[k]! -= by * lead[k]!;
    }
  }
  return rows.map((row, i) => row[8]! / row[i]!);
}

function project([a, b, c, d, e, f, g, h]: number[], x: number, y: number): Point {
  const w = g! * x + h! * y + 1;
  return [(a! * x + b! * y + c!) / w, (d! * x + e! * y + f!) / w];
}
