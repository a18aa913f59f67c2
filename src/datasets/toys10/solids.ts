/**
 * Solids as signed distances: how far a point is from a surface, negative inside (Hart, "Sphere tracing", 1996; the formulas
 * are those of Inigo Quilez's collection). A toy is a union of a dozen of them at most.
 */

/** Red, green and blue of a surface, 0..1, as light and not as sRGB. */
export type Paint = readonly [number, number, number];

const KINDS = ['ball', 'box', 'cylinder', 'wheel', 'cone', 'ring', 'handle', 'cup', 'roof'] as const;
/**
 * What `a`, `b` and `c` mean: half sides of a box; radii of a ball; radius and half height of a cylinder or cup (`c`: its
 * wall); lower and upper radius and half height of a cone; large and small radius of a ring, which lies, or of a handle,
 * which stands; half width, height and half length of a roof. A wheel is a cylinder whose axis is z.
 */
export type Kind = (typeof KINDS)[number];

export interface Part {
  readonly kind: Kind;
  /** Where its center is; of a roof, the middle of its base. */
  readonly at: readonly [number, number, number];
  readonly a: number;
  readonly b: number;
  readonly c: number;
  readonly paint: Paint;
  /** How edges are rounded. */
  readonly round?: number;
  /** A second color in stripes across the height, or in dots. */
  readonly pattern?: { readonly kind: 'stripes' | 'dots'; readonly paint: Paint; readonly period: number };
}

/** Numbers of a part in the table: kind, center, a, b, c, rounding, and the radius of a ball about the center that holds it. */
const ROW = 9;

/** Parts as a table of numbers: it is read at every step of every ray. */
export class Solids {
  private readonly table: Float64Array;

  constructor(readonly parts: readonly Part[]) {
    this.table = Float64Array.from(
      parts.flatMap((part) => {
        const { kind, at, a, b, c, round = 0 } = part;
        return [KINDS.indexOf(kind), ...at, a, b, c, round, Math.hypot(width(part), tallness(part))];
      }),
    );
  }

  /** The distance of a point from the nearest part. */
  distance(x: number, y: number, z: number): number {
    const { table } = this;
    let least = 1e9;
    for (let row = 0; row < table.length; row += ROW) {
      const d = this.distanceTo(row, x, y, z, least);
      if (d < least) least = d;
    }
    return least;
  }

  /** The part that is nearest to a point. */
  nearest(x: number, y: number, z: number): Part {
    let [least, found] = [1e9, 0];
    for (let row = 0; row < this.table.length; row += ROW) {
      const d = this.distanceTo(row, x, y, z, least);
      if (d >= least) continue;
      least = d;
      found = row;
    }
    return this.parts[found / ROW] as Part;
  }

  /** The distance from one part; `least` where it is surely no less. */
  private distanceTo(row: number, px: number, py: number, pz: number, least: number): number {
    const { table } = this;
    const x = px - (table[row + 1] as number);
    const y = py - (table[row + 2] as number);
    const z = pz - (table[row + 3] as number);
    const clear = least + (table[row + 8] as number);
    if (clear > 0 && x * x + y * y + z * z > clear * clear) return least;
    const a = table[row + 4] as number;
    const b = table[row + 5] as number;
    const c = table[row + 6] as number;
    const round = table[row + 7] as number;
    switch (table[row]) {
      case 0: {
        const near = length(x / a, y / b, z / c);
        const slope = length(x / (a * a), y / (b * b), z / (c * c));
        return slope < 1e-9 ? -Math.min(a, b, c) : (near * (near - 1)) / slope;
      }
      case 1: {
        const dx = Math.abs(x) - a + round;
        const dy = Math.abs(y) - b + round;
        const dz = Math.abs(z) - c + round;
        const outside = length(Math.max(dx, 0), Math.max(dy, 0), Math.max(dz, 0));
        return outside + Math.min(Math.max(dx, dy, dz), 0) - round;
      }
      case 2:
        return tube(flat(x, z) - a, Math.abs(y) - b, round);
      case 3:
        return tube(flat(x, y) - a, Math.abs(z) - b, round);
      case 4: {
        const middle = (a + b) / 2 + ((b - a) / 2) * (y / c);
        const lean = (a - b) / (2 * c);
        return tube((flat(x, z) - middle) / Math.sqrt(1 + lean * lean), Math.abs(y) - c, 0);
      }
      case 5:
        return flat(flat(x, z) - a, y) - b;
      case 6:
        return flat(flat(x, y) - a, z) - b;
      case 7: {
        const across = flat(x, z);
        const hollow = Math.max(across - a + c, -(y + b - 2 * c));
        return Math.max(tube(across - a, Math.abs(y) - b, 0.02), -hollow);
      }
      default:
        return Math.max(Math.abs(z) - c, -y, (Math.abs(x) * b + y * a - a * b) / flat(a, b));
    }
  }
}

/** How far a part reaches from its center, up and down. */
export function tallness({ kind, a, b, c }: Part): number {
  if (kind === 'cone') return c;
  if (kind === 'wheel') return a;
  if (kind === 'handle') return a + b;
  return b;
}

/** How far a part reaches from its center, over the floor. */
export function width({ kind, a, b, c }: Part): number {
  if (kind === 'box' || kind === 'roof') return Math.hypot(a, c);
  if (kind === 'wheel') return Math.hypot(a, b);
  if (kind === 'ring' || kind === 'handle') return a + b;
  if (kind === 'cone') return Math.max(a, b);
  return kind === 'ball' ? Math.max(a, c) : a;
}

/** The distance from a rectangle turned about an axis, from those along its two sides. */
function tube(across: number, along: number, round: number): number {
  const dx = across + round;
  const dy = along + round;
  return flat(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - round;
}

// Math.hypot guards against overflow, which takes time.
function flat(x: number, y: number): number {
  return Math.sqrt(x * x + y * y);
}

function length(x: number, y: number, z: number): number {
  return Math.sqrt(x * x + y * y + z * z);
}
