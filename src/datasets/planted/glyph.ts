/** Handed glyphs of a few strokes, drawn with one pixel of edge. */
import type { Draws } from '../../core/index.js';

export type Point = readonly [x: number, y: number];
export type Stroke = readonly [from: Point, to: Point];

/**
 * Glyphs by name, in −1 … 1, y downward. None of them is its own mirror image, whether mirrored left-right or up-down,
 * and none becomes another one by turning.
 */
export const GLYPHS: Readonly<Record<string, readonly Stroke[]>> = {
  flag: [
    [
      [-0.35, -0.8],
      [-0.35, 0.8],
    ],
    [
      [-0.35, -0.8],
      [0.45, -0.8],
    ],
    [
      [-0.35, -0.1],
      [0.25, -0.1],
    ],
  ],
  hook: [
    [
      [-0.3, -0.8],
      [-0.3, 0.75],
    ],
    [
      [-0.3, 0.75],
      [0.5, 0.75],
    ],
    [
      [0.5, 0.75],
      [0.5, 0.3],
    ],
  ],
  seven: [
    [
      [-0.5, -0.7],
      [0.4, -0.7],
    ],
    [
      [0.4, -0.7],
      [-0.15, 0.8],
    ],
  ],
};

/** How one glyph is drawn. */
export interface Pose {
  readonly mirrored: boolean;
  /** Radians, positive clockwise. */
  readonly turn: number;
  readonly scale: number;
  readonly shift: Point;
  readonly thickness: number;
}

/** A pose with everything but its handedness drawn at random. */
export function drawPose(draws: Draws, mirrored: boolean): Pose {
  return {
    mirrored,
    turn: draws.uniform(-0.15, 0.15),
    scale: draws.uniform(0.55, 0.8),
    shift: [draws.uniform(-0.15, 0.15), draws.uniform(-0.15, 0.15)],
    thickness: draws.uniform(0.07, 0.14),
  };
}

/** The strokes of a glyph in a pose; their ends are moved a little by `draws`. */
export function glyphOf(name: string, { mirrored, turn, scale, shift }: Pose, draws: Draws): Stroke[] {
  const [cos, sin] = [scale * Math.cos(turn), scale * Math.sin(turn)];
  const placed = ([x, y]: Point): Point => {
    const [u, v] = [(mirrored ? -x : x) + draws.uniform(-0.08, 0.08), y + draws.uniform(-0.08, 0.08)];
    return [shift[0] + cos * u - sin * v, shift[1] + sin * u + cos * v];
  };
  return (GLYPHS[name] as readonly Stroke[]).map(([from, to]): Stroke => [placed(from), placed(to)]);
}

/** A short stroke anywhere, as clutter. */
export function drawClutter(draws: Draws): Stroke {
  const [x, y] = [draws.uniform(-0.9, 0.9), draws.uniform(-0.9, 0.9)];
  const [angle, length] = [draws.uniform(0, Math.PI), draws.uniform(0.15, 0.5)];
  return [
    [x, y],
    [x + length * Math.cos(angle), y + length * Math.sin(angle)],
  ];
}

/** Strokes turned about the middle of the image, by radians, clockwise. */
export function turned(strokes: readonly Stroke[], angle: number): Stroke[] {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const about = ([x, y]: Point): Point => [cos * x - sin * y, sin * x + cos * y];
  return strokes.map(([from, to]): Stroke => [about(from), about(to)]);
}

/** How much of each pixel is covered by strokes, in [0, 1], [size · size]. */
export function inkOf(strokes: readonly Stroke[], thickness: number, size: number): Float32Array {
  const ink = new Float32Array(size * size);
  for (let i = 0; i < ink.length; i++) {
    const at: Point = [(2 * (i % size) + 1) / size - 1, (2 * Math.floor(i / size) + 1) / size - 1];
    const away = Math.min(...strokes.map((stroke) => distance(at, stroke)));
    ink[i] = Math.min(1, Math.max(0, 0.5 + ((thickness - away) * size) / 2));
  }
  return ink;
}

function distance([x, y]: Point, [[x1, y1], [x2, y2]]: Stroke): number {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const along = Math.min(1, Math.max(0, ((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy || 1)));
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
}
