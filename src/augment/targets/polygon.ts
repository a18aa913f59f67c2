/** Polygons, as lists of corners: what of one lies in a rectangle, its area, and the upright box around it. */

/** Continuous coordinates, pixel centers at ½. */
export type Point = readonly [x: number, y: number];

/** [x0, y0, x1, y1] in pixels. */
export type Corners = readonly [number, number, number, number];

/** The corners of a rectangle, one after another. */
export const rectangle = ([x0, y0, x1, y1]: Corners): Point[] => [
  [x0, y0],
  [x1, y0],
  [x1, y1],
  [x0, y1],
];

/** By the shoelace formula; mirrored or not. */
export function areaOf(polygon: readonly Point[]): number {
  let twice = 0;
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const [x, y] = polygon[i] as Point;
    const [u, v] = polygon[j] as Point;
    twice += u * y - x * v;
  }
  return Math.abs(twice) / 2;
}

/** The smallest upright box around points. */
export function hullOf(points: readonly Point[]): Corners {
  let [x0, y0, x1, y1] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    if (x < x0) x0 = x;
    if (x > x1) x1 = x;
    if (y < y0) y0 = y;
    if (y > y1) y1 = y;
  }
  return [x0, y0, x1, y1];
}

/**
 * The part of a polygon inside a rectangle (Sutherland and Hodgman, 1974), without the spikes that this leaves of
 * parts outside where the polygon is not convex; the polygon itself where all of it is inside.
 */
export function clip(polygon: readonly Point[], [x0, y0, x1, y1]: Corners): readonly Point[] {
  let inside = true;
  for (const [x, y] of polygon) if (!(x >= x0 && x <= x1 && y >= y0 && y <= y1)) inside = false;
  if (inside) return polygon;
  let left = cut(polygon, 0, x0, 1);
  left = cut(left, 0, x1, -1);
  left = cut(left, 1, y0, 1);
  return blunt(cut(left, 1, y1, -1));
}

/** How far corners may be from a line, or from each other, to count as on it, or as one: rounding, in pixels. */
const ROUNDING = 1e-9;

/** Without corners where the outline turns back on itself: such a spike has no area, but the box around it has. */
function blunt(polygon: Point[]): Point[] {
  const left = [...polygon];
  let unseen = left.length;
  for (let i = 0; unseen > 0 && left.length > 0; unseen--) {
    const n = left.length;
    i %= n;
    if (isSpike(left[(i + n - 1) % n] as Point, left[i] as Point, left[(i + 1) % n] as Point)) {
      left.splice(i, 1);
      // Its neighbors meet now, and all that was seen before has to be seen again at the most.
      i = (i + n - 2) % n;
      unseen = left.length + 1;
    } else i++;
  }
  return left.length < 3 ? [] : left;
}

function isSpike([ax, ay]: Point, [x, y]: Point, [bx, by]: Point): boolean {
  const [ux, uy, vx, vy] = [ax - x, ay - y, bx - x, by - y];
  const [u, v] = [Math.hypot(ux, uy), Math.hypot(vx, vy)];
  if (u <= ROUNDING || v <= ROUNDING) return true;
  return ux * vx + uy * vy > 0 && Math.abs(ux * vy - uy * vx) <= ROUNDING * Math.max(u, v);
}

/** True for a polygon that is nowhere thicker than this, or hardly: how long it is does not matter. */
export function isThin(polygon: readonly Point[], thickness: number): boolean {
  const [x0, y0, x1, y1] = hullOf(polygon);
  return areaOf(polygon) < thickness * Math.max(x1 - x0, y1 - y0);
}

/** What lies on one side of an upright (axis 0) or level (axis 1) line: beyond it for sign 1, before it for −1. */
function cut(polygon: readonly Point[], axis: 0 | 1, at: number, sign: 1 | -1): Point[] {
  const kept: Point[] = [];
  for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
    const here = polygon[i] as Point;
    const before = polygon[j] as Point;
    const d = sign * (here[axis] - at);
    const e = sign * (before[axis] - at);
    if (d >= 0 !== e >= 0) {
      const t = e / (e - d);
      const other = before[1 - axis]! + t * (here[1 - axis]! - before[1 - axis]!);
      kept.push(axis === 0 ? [at, other] : [other, at]);
    }
    if (d >= 0) kept.push(here);
  }
  return kept;
}

/** The same outline with a corner every `spacing` pixels or so, for moves that bend straight lines. */
export function densified(polygon: readonly Point[], spacing: number, most: number): Point[] {
  const out: Point[] = [];
  for (let i = 0; i < polygon.length; i++) {
    const [x, y] = polygon[i] as Point;
    const [u, v] = polygon[(i + 1) % polygon.length] as Point;
    const parts = Math.min(most, Math.max(1, Math.ceil(Math.hypot(u - x, v - y) / spacing)));
    for (let k = 0; k < parts; k++) out.push([x + ((u - x) * k) / parts, y + ((v - y) * k) / parts]);
  }
  return out;
}

/** Calls `see` for every pixel whose center lies in a polygon, within an image of this size. */
export function eachPixelIn(
  polygon: readonly Point[],
  width: number,
  height: number,
  see: (x: number, y: number) => void,
): void {
  const [, y0, , y1] = hullOf(polygon);
  for (let y = Math.max(0, Math.ceil(y0 - 0.5)); y + 0.5 <= y1 && y < height; y++) {
    const crossings: number[] = [];
    for (let i = 0, j = polygon.length - 1; i < polygon.length; j = i++) {
      const [ax, ay] = polygon[i] as Point;
      const [bx, by] = polygon[j] as Point;
      if (ay > y + 0.5 !== by > y + 0.5) crossings.push(ax + ((y + 0.5 - ay) / (by - ay)) * (bx - ax));
    }
    crossings.sort((a, b) => a - b);
    for (let k = 0; k + 1 < crossings.length; k += 2) {
      const end = crossings[k + 1] as number;
      for (let x = Math.max(0, Math.ceil((crossings[k] as number) - 0.5)); x + 0.5 <= end && x < width; x++)
        see(x, y);
    }
  }
}
