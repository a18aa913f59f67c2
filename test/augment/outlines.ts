/** Outlines of boxes as lists of corners, for tests: written apart from what the library has. */

export type Point = readonly [x: number, y: number];
export type Corners = readonly [x0: number, y0: number, x1: number, y1: number];
/** Something with the number that it had before anything was left out. */
export type Numbered<T> = readonly [index: number, value: T];

export interface Size {
  readonly width: number;
  readonly height: number;
}

export const rectangle = ([x0, y0, x1, y1]: Corners): Point[] => [
  [x0, y0],
  [x1, y0],
  [x1, y1],
  [x0, y1],
];

/** The smallest upright box around an outline. */
export function hullOf(outline: readonly Point[]): Corners {
  const xs = outline.map(([x]) => x);
  const ys = outline.map(([, y]) => y);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

export function areaOf(outline: readonly Point[]): number {
  const twice = outline.reduce((sum, [x, y], i) => {
    const [u, v] = outline[(i + 1) % outline.length] as Point;
    return sum + x * v - u * y;
  }, 0);
  return Math.abs(twice) / 2;
}

/** The part of an outline within an image. */
export function cutTo(outline: readonly Point[], { width, height }: Size): readonly Point[] {
  const sides: ((point: Point) => number)[] = [
    ([x]) => x,
    ([x]) => width - x,
    ([, y]) => y,
    ([, y]) => height - y,
  ];
  return sides.reduce<readonly Point[]>((left, depth) => {
    return left.flatMap((here, i) => {
      const next = left[(i + 1) % left.length] as Point;
      const [d, e] = [depth(here), depth(next)];
      const kept: Point[] = d >= 0 ? [here] : [];
      if (d < 0 === e < 0) return kept;
      const t = d / (d - e);
      return [...kept, [here[0] + t * (next[0] - here[0]), here[1] + t * (next[1] - here[1])] as const];
    });
  }, outline);
}
