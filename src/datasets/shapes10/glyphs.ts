/**
 * The ten outlines of `shapes10`, as SVG paths about the origin with radius 1.
 *
 * Each class is a family: proportions are drawn, corners wobble, and half of all objects are mirrored:
 * no label depends on handedness. Neighbors are easy to mistake at 32 pixels: circle and
 * ring, pentagon and circle, star and cross, crescent and heart, arrow and triangle.
 */
import type { Draws } from '../../core/index.js';

/**
 * Names of the ten classes of `shapes10`, in the order of their numbers.
 *
 * @example
 * SHAPES.slice(0, 2) // → ['circle', 'ring']
 */
export const SHAPES = [
  'circle',
  'ring',
  'triangle',
  'square',
  'pentagon',
  'star',
  'cross',
  'heart',
  'crescent',
  'arrow',
] as const;

type Point = readonly [number, number];

/** The outline of a class; fill it by the even-odd rule. */
export function glyph(label: number, draws: Draws): string {
  switch (SHAPES[label]) {
    case 'circle':
      return disc(0.88);
    case 'ring':
      return disc(0.92) + disc(draws.uniform(0.48, 0.66));
    case 'triangle':
      return corners(regular(3, 1), draws);
    case 'square':
      return corners(regular(4, 1), draws);
    case 'pentagon':
      return corners(regular(5, 0.95), draws);
    case 'star': {
      const inner = draws.uniform(0.38, 0.55);
      return corners(
        regular(10, 1).map(([x, y], i) => (i % 2 ? [x * inner, y * inner] : [x, y])),
        draws,
      );
    }
    case 'cross': {
      const w = draws.uniform(0.24, 0.38);
      const arm: Point[] = [
        [w, 0.95],
        [w, w],
        [0.95, w],
        [0.95, -w],
        [w, -w],
        [w, -0.95],
      ];
      return corners([...arm, ...arm.map(([x, y]): Point => [-x, -y])], draws);
    }
    case 'heart': {
      const dip = draws.uniform(-0.5, -0.25);
      return `M0,0.95C-0.5,0.5 -1,0.15 -1,-0.35C-1,-0.95 -0.2,-1 0,${n(dip)}C0.2,-1 1,-0.95 1,-0.35C1,0.15 0.5,0.5 0,0.95Z`;
    }
    case 'crescent': {
      const inner = draws.uniform(0.72, 0.95);
      return `M0.35,-0.92A1,1 0 1 0 0.35,0.92A${n(inner)},${n(inner)} 0 1 1 0.35,-0.92Z`;
    }
    default: {
      const shaft = draws.uniform(0.16, 0.3);
      const neck = draws.uniform(-0.2, 0.15);
      const wing = draws.uniform(0.62, 0.85);
      const side: Point[] = [
        [0, -1],
        [wing, neck],
        [shaft, neck],
        [shaft, 0.95],
      ];
      const mirrored = side.map(([x, y]): Point => [-x, y]);
      return corners([...side, ...mirrored.slice(1).reverse()], draws);
    }
  }
}

function disc(radius: number): string {
  const r = n(radius);
  return `M${r},0A${r},${r} 0 1 1 -${r},0A${r},${r} 0 1 1 ${r},0Z`;
}

function regular(count: number, radius: number): Point[] {
  return Array.from({ length: count }, (_, i) => {
    const angle = (2 * Math.PI * i) / count;
    return [radius * Math.sin(angle), -radius * Math.cos(angle)];
  });
}

/** A closed polygon whose corners wobble a little. */
function corners(points: readonly Point[], draws: Draws): string {
  const wobble = () => draws.uniform(-0.06, 0.06);
  return `M${points.map(([x, y]) => `${n(x + wobble())},${n(y + wobble())}`).join('L')}Z`;
}

/** A number in as few characters as a thousandth needs. */
export function n(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}
