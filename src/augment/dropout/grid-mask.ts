import { z } from 'zod';
import type { Patch } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { exact, exactly } from '../transform/intervals.js';
import { between, interval } from '../transform/options.js';
import { drawFill, drawnFill, filled, holeFill } from './fill.js';

const share = z.number().min(0).max(1);

/**
 * Fills the squares of a regular grid (Chen et al., "GridMask data augmentation", 2020). The image is tiled with
 * units of side d; in each, a square of side d·(1 − keep) is filled, and strips of d·keep remain between the
 * squares.
 *
 * `gridMask(0.6)` is exactly that share kept; a schedule works in place of the number. Masks, boxes and keypoints
 * stay; with `erased: 'hide'` in the targets, what is covered counts as hidden. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example gridMask(0.6)
 */
export const gridMask = defineTransform({
  name: 'gridMask',
  options: z.strictObject({
    /** d as a share of the shorter side, default 0.4 to 1. */
    unit: interval(0.02, 1).default([0.4, 1]),
    /** Share of a unit's side that remains, default 0.6; 1 fills nothing. */
    keep: interval(0, 1).default([0.6, 0.6]),
    /** Degrees by which the grid is turned about the middle of the image, default 0. */
    rotate: interval(-180, 180).default([0, 0]),
    fill: holeFill.default(0),
  }),
  params: z.strictObject({
    unit: z.number().min(0.02).max(1),
    keep: share,
    /** Where the grid begins, as shares of a unit. */
    x: share,
    y: share,
    rotate: z.number(),
    fill: drawnFill,
  }),
  p: 0.5,
  shorthand: exactly('keep'),
  magnitude: (strength) => ({ keep: exact(1 - 0.7 * strength), unit: [0.2, 0.4] as [number, number] }),
  draw: (draws, { unit, keep, rotate, fill }) => ({
    unit: between(draws, unit),
    keep: between(draws, keep),
    x: draws.uniform(),
    y: draws.uniform(),
    rotate: between(draws, rotate),
    fill: drawFill(draws, fill),
  }),
  lower({ unit, keep, x, y, rotate, fill }, plan) {
    const { width, height } = plan;
    const step = Math.max(2, Math.round(unit * Math.min(width, height)));
    const side = Math.round(step * (1 - keep));
    if (side === 0) return;
    const [left, top] = [Math.floor(x * step), Math.floor(y * step)];
    const what = filled(fill);
    if (rotate === 0) {
      plan.fill(squares(width, height, step, side, left, top).map((box) => ({ ...box, ...what })));
      return;
    }
    const [c, s] = [Math.cos((rotate * Math.PI) / 180), Math.sin((rotate * Math.PI) / 180)];
    const [middleX, middleY] = [width / 2 - 0.5, height / 2 - 0.5];
    const within = (px: number, py: number) => {
      const [dx, dy] = [px - middleX, py - middleY];
      const u = (c * dx + s * dy + left) / step;
      if ((u - Math.floor(u)) * step >= side) return false;
      const v = (c * dy - s * dx + top) / step;
      return (v - Math.floor(v)) * step < side;
    };
    plan.fill({ x0: 0, y0: 0, x1: width, y1: height, within, ...what });
  },
});

/** The squares of the grid, cut off at the rim of the image. */
function squares(
  width: number,
  height: number,
  step: number,
  side: number,
  left: number,
  top: number,
): Pick<Patch, 'x0' | 'y0' | 'x1' | 'y1'>[] {
  const spans = (size: number, first: number) => {
    const found: [number, number][] = [];
    for (let at = first - step; at < size; at += step) {
      const [from, to] = [Math.max(0, at), Math.min(size, at + side)];
      if (from < to) found.push([from, to]);
    }
    return found;
  };
  const columns = spans(width, left);
  return spans(height, top).flatMap(([y0, y1]) => columns.map(([x0, x1]) => ({ x0, y0, x1, y1 })));
}
