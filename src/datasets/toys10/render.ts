/**
 * A scene as pixels: rays are marched to the solids by their distances (Hart, 1996), floor and wall are met exactly. Light
 * is Lambert's and Blinn's with soft shadows. One ray a pixel, five at edges.
 */
import type { Scene, Surface, Thing } from './scene.js';
import type { Paint } from './solids.js';

type Point = [number, number, number];

const STEPS = 40;
const NEAR = 0.004;
/** Corners of a pixel that differ by more are an edge, which gets four rays of its own. */
const EDGE = 0.06;
const INNER = [
  [0.375, 0.125],
  [0.875, 0.375],
  [0.125, 0.625],
  [0.625, 0.875],
] as const;

/** RGB bytes of a square of `size` pixels. */
export function render(scene: Scene, size: number): Buffer {
  const eye = new Eye(scene);
  const look = (x: number, y: number) => eye.look((2 * x) / size - 1, 1 - (2 * y) / size);
  const across = size + 1;
  const corners = Array.from({ length: across * across }, (_, i) => look(i % across, Math.floor(i / across)));
  const pixels = Buffer.alloc(3 * size * size);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      const at = y * across + x;
      let four = [at, at + 1, at + across, at + across + 1].map((i) => corners[i] as Paint);
      if (isEdge(four)) four = [...four, ...INNER.map(([dx, dy]) => look(x + dx, y + dy))];
      for (let c = 0; c < 3; c++) {
        const sum = four.reduce((total, paint) => total + (paint[c] as number), 0);
        pixels[3 * (y * size + x) + c] = byte(sum / four.length);
      }
    }
  }
  return pixels;
}

function isEdge(four: readonly Paint[]): boolean {
  return [0, 1, 2].some((c) => {
    const [a, b, d, e] = four.map((paint) => paint[c] as number) as [number, number, number, number];
    return Math.max(a, b, d, e) - Math.min(a, b, d, e) > EDGE;
  });
}

/** Light as a byte of sRGB, with a soft shoulder in place of clipping. */
function byte(light: number): number {
  const kept = light < 0.7 ? light : 0.7 + 0.3 * Math.tanh((light - 0.7) / 0.3);
  return Math.round(255 * Math.max(0, Math.min(1, kept)) ** (1 / 2.2));
}

class Eye {
  private readonly from: Point;
  private readonly right: Point;
  private readonly up: Point;
  private readonly ahead: Point;
  private readonly half: Point;

  constructor(private readonly scene: Scene) {
    const { elevation, roll, distance, shift } = scene.camera;
    const [cos, sin] = [Math.cos(elevation), Math.sin(elevation)];
    const [turn, lean] = [Math.cos(roll), Math.sin(roll)];
    const middle = 0.85;
    this.ahead = [0, -sin, -cos];
    const above: Point = [0, cos, -sin];
    this.right = [turn, above[1] * lean, above[2] * lean];
    this.up = [-lean, above[1] * turn, above[2] * turn];
    const [sx, sy] = shift;
    this.from = [0, 1, 2].map(
      (i) =>
        (i === 1 ? middle : 0) -
        distance * (this.ahead[i] as number) +
        sx * (this.right[i] as number) +
        sy * (this.up[i] as number),
    ) as Point;
    const [lx, ly, lz] = scene.light;
    // Halfway between the light and the way back to the eye, for highlights.
    const [hx, hy, hz] = [lx - this.ahead[0], ly - this.ahead[1], lz - this.ahead[2]];
    const norm = Math.sqrt(hx * hx + hy * hy + hz * hz);
    this.half = [hx / norm, hy / norm, hz / norm];
  }

  /** The light along the ray through (u, v), both −1..1. */
  look(u: number, v: number): Paint {
    const { right, up, ahead, from, scene } = this;
    const wide = scene.camera.view / scene.camera.distance;
    let dx = ahead[0] + wide * (u * right[0] + v * up[0]);
    let dy = ahead[1] + wide * (u * right[1] + v * up[1]);
    let dz = ahead[2] + wide * (u * right[2] + v * up[2]);
    const norm = Math.sqrt(dx * dx + dy * dy + dz * dz);
    dx /= norm;
    dy /= norm;
    dz /= norm;
    let near = Number.POSITIVE_INFINITY;
    let hit: Thing | undefined;
    for (const thing of scene.things) {
      const t = meet(thing, from, dx, dy, dz, near);
      if (t < near) {
        near = t;
        hit = thing;
      }
    }
    const floor = dy < 0 ? -from[1] / dy : Number.POSITIVE_INFINITY;
    const wall = dz < 0 ? (-scene.depth - from[2]) / dz : Number.POSITIVE_INFINITY;
    const t = Math.min(near, floor, wall);
    const point: Point = [from[0] + t * dx, from[1] + t * dy, from[2] + t * dz];
    if (hit && near <= floor && near <= wall)
      return this.shade(point, normalAt(hit, point), paintAt(hit, point), 0.35);
    if (floor <= wall) return this.shade(point, [0, 1, 0], paintOf(scene.floor, point[0], point[2]), 0.05);
    return this.shade(point, [0, 0, 1], paintOf(scene.wall, point[0], point[1]), 0);
  }

  private shade(point: Point, normal: Point, paint: Paint, gloss: number): Paint {
    const { light, lit, ambient, things } = this.scene;
    const facing = Math.max(0, normal[0] * light[0] + normal[1] * light[1] + normal[2] * light[2]);
    let open = facing > 0 ? 1 : 0;
    let around = 1;
    const start: Point = [
      point[0] + 0.02 * normal[0],
      point[1] + 0.02 * normal[1],
      point[2] + 0.02 * normal[2],
    ];
    for (const thing of things) {
      if (open > 0) open = Math.min(open, unshadowed(thing, start, light));
      if (gloss < 0.3 && isNear(thing, start))
        around = Math.min(around, 0.45 + 1.2 * Math.max(0, distance(thing, start)));
    }
    const halfway = normal[0] * this.half[0] + normal[1] * this.half[1] + normal[2] * this.half[2];
    const shine = gloss * open * Math.max(0, halfway) ** 40;
    const sky = around * (0.75 + 0.25 * normal[1]);
    return [
      paint[0] * (lit[0] * facing * open + ambient[0] * sky) + lit[0] * shine,
      paint[1] * (lit[1] * facing * open + ambient[1] * sky) + lit[1] * shine,
      paint[2] * (lit[2] * facing * open + ambient[2] * sky) + lit[2] * shine,
    ];
  }
}

/** Where a ray enters and leaves the ball that holds a thing; the first is beyond the second if it misses. */
const span: [number, number] = [0, 0];
function bounds(thing: Thing, from: Point, dx: number, dy: number, dz: number): void {
  const [x, y, z] = [from[0] - thing.x, from[1] - thing.middle, from[2] - thing.z];
  const along = x * dx + y * dy + z * dz;
  const room = along * along - (x * x + y * y + z * z - thing.reach * thing.reach);
  const root = room > 0 ? Math.sqrt(room) : Number.NaN;
  span[0] = room > 0 ? Math.max(0, -along - root) : 1;
  span[1] = room > 0 ? -along + root : 0;
}

function meet(thing: Thing, from: Point, dx: number, dy: number, dz: number, before: number): number {
  bounds(thing, from, dx, dy, dz);
  let t = span[0];
  const end = Math.min(span[1], before);
  const at: Point = [0, 0, 0];
  for (let i = 0; i < STEPS && t < end; i++) {
    at[0] = from[0] + t * dx;
    at[1] = from[1] + t * dy;
    at[2] = from[2] + t * dz;
    const d = distance(thing, at);
    if (d < NEAR) return t;
    t += d;
  }
  return Number.POSITIVE_INFINITY;
}

/** Whether a thing may take light from the surroundings of a point. */
function isNear({ x, z, middle, reach }: Thing, point: Point): boolean {
  const [dx, dy, dz] = [point[0] - x, point[1] - middle, point[2] - z];
  return dx * dx + dy * dy + dz * dz < (reach + 0.46) ** 2;
}

/** 1 in full light, 0 in the shadow of a thing, between them at its edge. */
function unshadowed(thing: Thing, from: Point, [dx, dy, dz]: readonly [number, number, number]): number {
  bounds(thing, from, dx, dy, dz);
  let t = span[0];
  let open = 1;
  const at: Point = [0, 0, 0];
  for (let i = 0; i < 24 && t < span[1]; i++) {
    at[0] = from[0] + t * dx;
    at[1] = from[1] + t * dy;
    at[2] = from[2] + t * dz;
    const d = distance(thing, at);
    if (d < NEAR) return 0;
    open = Math.min(open, (8 * d) / Math.max(t, 0.05));
    t += Math.max(d, 0.02);
  }
  return open;
}

/** A point as its thing sees it, in `local`. */
const local: Point = [0, 0, 0];
function enter({ x, z, cos, sin, scale }: Thing, point: Point): void {
  const [px, pz] = [(point[0] - x) / scale, (point[2] - z) / scale];
  local[0] = cos * px - sin * pz;
  local[1] = point[1] / scale;
  local[2] = sin * px + cos * pz;
}

function distance(thing: Thing, point: Point): number {
  enter(thing, point);
  return thing.solids.distance(local[0], local[1], local[2]) * thing.scale;
}

/** The gradient of the distance, by differences at the corners of a tetrahedron. */
function normalAt(thing: Thing, point: Point): Point {
  const e = 0.004;
  const normal: Point = [0, 0, 0];
  for (const [i, j, k] of [
    [1, -1, -1],
    [-1, -1, 1],
    [-1, 1, -1],
    [1, 1, 1],
  ] as const) {
    const d = distance(thing, [point[0] + i * e, point[1] + j * e, point[2] + k * e]);
    normal[0] += i * d;
    normal[1] += j * d;
    normal[2] += k * d;
  }
  const norm = Math.sqrt(normal[0] ** 2 + normal[1] ** 2 + normal[2] ** 2) || 1;
  return [normal[0] / norm, normal[1] / norm, normal[2] / norm];
}

function paintAt(thing: Thing, point: Point): Paint {
  enter(thing, point);
  const [x, y, z] = local;
  const { pattern, paint } = thing.solids.nearest(x, y, z);
  if (!pattern) return paint;
  const { kind, period } = pattern;
  if (kind === 'stripes') return fraction(y / period) < 0.5 ? paint : pattern.paint;
  // Dots in a grid of three dimensions: round wherever a surface cuts it.
  const [i, j, k] = [x, y, z].map((c) => fraction(c / period) - 0.5) as Point;
  return i * i + j * j + k * k < 0.16 ? pattern.paint : paint;
}

function paintOf({ kind, paint, other, period, cos, sin }: Surface, x: number, y: number): Paint {
  if (kind === 'plain') return paint;
  const u = fraction((cos * x + sin * y) / period);
  if (kind === 'planks') return u < 0.5 ? paint : other;
  const v = fraction((cos * y - sin * x) / period);
  if (kind === 'tiles') return u < 0.5 === v < 0.5 ? paint : other;
  return (u - 0.5) ** 2 + (v - 0.5) ** 2 < 0.08 ? other : paint;
}

function fraction(x: number): number {
  return x - Math.floor(x);
}
