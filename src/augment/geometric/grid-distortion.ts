import { z } from 'zod';
import { fold, hash, type Scheduled, scheduled } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { drawSeed, samplingOptions, seed, seedKey } from '../transform/options.js';
import { displace, LINEAR } from './displacement.js';

const cells = z.int().min(1).max(100).default(5);

/**
 * Lays a grid over the image and moves its nodes at random; within a cell the displacement is bilinear. Nodes on
 * the border move only along it, so the frame stays full.
 *
 * `gridDistortion(0.3)` is the largest move of a node as a share of a cell; a schedule works in place of the
 * number. Masks, boxes and keypoints move with the pixels. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example gridDistortion(0.3)
 */
export const gridDistortion = defineTransform({
  name: 'gridDistortion',
  options: z.strictObject({
    ...samplingOptions,
    /** Cells along each side. */
    cells,
    /** Largest move of a node along each axis as a share of a cell, default 0.3; from 0.5 on cells may fold. */
    distortion: scheduled(0, 1).default(0.3),
  }),
  params: z.strictObject({ ...samplingOptions, cells, distortion: z.number().min(0).max(1), seed }),
  p: 0.5,
  shorthand: (distortion: Scheduled) => ({ distortion }),
  magnitude: (strength) => ({ distortion: 0.45 * strength }),
  draw: (draws, { distortion, ...rest }) => ({ ...rest, distortion, seed: drawSeed(draws) }),
  lower({ cells, distortion, seed, ...sampling }, plan) {
    if (distortion === 0) return;
    const side = cells + 1;
    const [pitchX, pitchY] = [plan.width / cells, plan.height / cells];
    const dx = new Float64Array(side * side);
    const dy = new Float64Array(side * side);
    for (let j = 0, i = 0; j < side; j++) {
      const line = fold(seedKey(seed), j);
      for (let c = 0; c < side; c++, i++) {
        const [u, v] = hash(line, 0, c);
        if (c > 0 && c < cells) dx[i] = pitchX * distortion * (u / 2147483648 - 1);
        if (j > 0 && j < cells) dy[i] = pitchY * distortion * (v / 2147483648 - 1);
      }
    }
    displace(
      { columns: side, rows: side, left: 0, top: 0, pitchX, pitchY, dx, dy, spline: LINEAR },
      sampling,
      plan,
    );
  },
});
