/**
 * The ten toys of `toys10`, each a family: proportions, details and colors are drawn. They stand on y = 0, about 2 high
 * or wide. Color tells nothing of the class.
 */
import type { Draws } from '../../core/index.js';
import type { Kind, Paint, Part } from './solids.js';

/**
 * Names of the ten classes of `toys10`, in the order of their numbers.
 *
 * @example
 * TOYS.slice(0, 2) // → ['bottle', 'car']
 */
export const TOYS = [
  'bottle',
  'car',
  'chair',
  'donut',
  'house',
  'lamp',
  'mug',
  'mushroom',
  'rocket',
  'tree',
] as const;

/** The parts of a toy of a class. */
export function toy(label: number, draws: Draws): Part[] {
  return (MADE[label] as (draws: Draws) => Part[])(draws);
}

/** A bright color. */
export function bright(draws: Draws): Paint {
  return colored(draws.uniform(0, 360), draws.uniform(0.55, 0.95), draws.uniform(0.35, 0.95));
}

/** A color of a hue in degrees, a saturation and a value, as light. */
export function colored(hue: number, saturation: number, value: number): Paint {
  const channel = (n: number) => {
    const k = (n + hue / 60) % 6;
    return (value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1)))) ** 2.2;
  };
  return [channel(5), channel(3), channel(1)];
}

const DARK: Paint = [0.02, 0.02, 0.025];
const GLASS: Paint = [0.3, 0.5, 0.62];
const LIGHT: Paint = [0.85, 0.83, 0.75];

const MADE: readonly ((draws: Draws) => Part[])[] = [
  bottle,
  car,
  chair,
  donut,
  house,
  lamp,
  mug,
  mushroom,
  rocket,
  tree,
];

function part(
  kind: Kind,
  at: readonly [number, number, number],
  size: readonly [number, number, number?],
  paint: Paint,
  more: Partial<Part> = {},
): Part {
  return { kind, at, a: size[0], b: size[1], c: size[2] ?? 0, paint, ...more };
}

/** Half of the time stripes or dots of a second color. */
function marked(draws: Draws, kinds: readonly ('stripes' | 'dots')[] = ['stripes', 'dots']): Partial<Part> {
  if (draws.chance(0.5)) return {};
  const kind = kinds[draws.int(kinds.length)] as 'stripes' | 'dots';
  return { pattern: { kind, paint: bright(draws), period: draws.uniform(0.3, 0.55) } };
}

function bottle(draws: Draws): Part[] {
  const paint = bright(draws);
  const r = draws.uniform(0.4, 0.55);
  const h = draws.uniform(0.5, 0.68);
  const neck = draws.uniform(0.14, 0.2);
  const shoulder = draws.uniform(0.14, 0.24);
  const length = draws.uniform(0.16, 0.26);
  const top = 2 * h + 2 * shoulder;
  return [
    part('cylinder', [0, h, 0], [r, h], paint, { round: 0.06 }),
    part('cone', [0, 2 * h + shoulder, 0], [r, neck, shoulder], paint),
    part('cylinder', [0, top + length / 2, 0], [neck, length / 2 + 0.05], paint),
    part('cylinder', [0, top + length, 0], [neck + 0.06, 0.1], bright(draws), { round: 0.03 }),
    part(
      'cylinder',
      [0, h * draws.uniform(0.8, 1.1), 0],
      [r + 0.02, h * draws.uniform(0.3, 0.5)],
      LIGHT,
      marked(draws),
    ),
  ];
}

function car(draws: Draws): Part[] {
  const paint = bright(draws);
  const [l, w] = [draws.uniform(0.95, 1.15), draws.uniform(0.42, 0.5)];
  const r = draws.uniform(0.22, 0.3);
  const h = draws.uniform(0.18, 0.24);
  const back = draws.uniform(-0.3, 0.1);
  const roof = draws.uniform(0.2, 0.28);
  const cabin = draws.uniform(0.42, 0.62);
  const axle = l * 0.6;
  const floor = r * 0.8;
  const at = floor + 2 * h + roof - 0.04;
  return [
    part('box', [0, floor + h, 0], [l, h, w], paint, { round: 0.1 }),
    part('box', [back, at, 0], [cabin, roof, w * 0.86], GLASS, { round: 0.1 }),
    part('box', [back, at + roof * 0.8, 0], [cabin * 0.86, 0.08, w * 0.84], paint, { round: 0.06 }),
    ...[-1, 1].map((s) => part('wheel', [s * axle, r, 0], [r, w + 0.06], DARK, { round: 0.04 })),
    ...[-1, 1].map((s) => part('wheel', [s * axle, r, 0], [r * 0.5, w + 0.09], LIGHT)),
    part('box', [l - 0.02, floor + h, 0], [0.05, 0.06, w * 0.8], LIGHT),
  ];
}

function chair(draws: Draws): Part[] {
  const paint = bright(draws);
  const w = draws.uniform(0.48, 0.6);
  const h = draws.uniform(0.7, 0.9);
  const tall = draws.uniform(0.45, 0.6);
  const t = draws.uniform(0.06, 0.1);
  const seat = draws.chance(0.5) ? bright(draws) : paint;
  const legs = [-1, 1].flatMap((i) =>
    [-1, 1].map((k) => part('box', [i * (w - t), h / 2, k * (w - t)], [t, h / 2, t], paint)),
  );
  const slats = draws.chance(0.5)
    ? [part('box', [-w + t, h + tall, 0], [t * 0.8, tall, w], seat, { round: 0.04 })]
    : [
        part('box', [-w + t, h + tall, w - t], [t, tall, t], paint),
        part('box', [-w + t, h + tall, t - w], [t, tall, t], paint),
        part('box', [-w + t, h + 1.75 * tall, 0], [t * 0.8, 0.25 * tall, w], seat),
        part('box', [-w + t, h + 0.9 * tall, 0], [t * 0.8, 0.18 * tall, w], seat),
      ];
  return [part('box', [0, h, 0], [w, t, w], seat, { round: 0.04 }), ...legs, ...slats];
}

function donut(draws: Draws): Part[] {
  const r = draws.uniform(0.6, 0.75);
  const t = draws.uniform(0.26, 0.36);
  const icing = bright(draws);
  const dots = { kind: 'dots', paint: bright(draws), period: draws.uniform(0.22, 0.32) } as const;
  const dough = colored(draws.uniform(20, 45), 0.6, draws.uniform(0.55, 0.9));
  const ring = [
    part('ring', [0, t, 0], [r, t], draws.chance(0.5) ? dough : bright(draws)),
    part('ring', [0, t + 0.06, 0], [r, t - 0.03], icing, draws.chance(0.6) ? { pattern: dots } : {}),
  ];
  // It lies, or stands on its rim.
  if (draws.chance(0.5)) return ring;
  return ring.map((each, i) => ({ ...each, kind: 'handle', at: [0, r + t, i * 0.06] }));
}

function house(draws: Draws): Part[] {
  const paint = bright(draws);
  const roof = bright(draws);
  const [w, d] = [draws.uniform(0.55, 0.75), draws.uniform(0.6, 0.85)];
  const h = draws.uniform(0.4, 0.6);
  const tall = draws.uniform(0.55, 0.8);
  const door = draws.uniform(-0.2, 0.2);
  const parts = [
    part('box', [0, h, 0], [w, h, d], paint),
    part('roof', [0, 2 * h - 0.04, 0], [w + 0.16, tall, d + 0.1], roof),
    part('box', [door, 0.3, d], [0.15, 0.32, 0.03], DARK),
    ...[-1, 1].map((s) => part('box', [s * w, h * 1.1, -0.1], [0.03, 0.2, 0.22], GLASS)),
    part('box', [0, h * 1.1, -d], [0.22, 0.2, 0.03], GLASS),
  ];
  if (draws.chance(0.6))
    parts.push(part('box', [w * 0.5, 2 * h + tall * 0.6, -d * 0.4], [0.11, 0.32, 0.11], paint));
  return parts;
}

function lamp(draws: Draws): Part[] {
  const paint = bright(draws);
  const h = draws.uniform(0.55, 0.75);
  const wide = draws.uniform(0.5, 0.66);
  const narrow = draws.uniform(0.22, 0.36);
  const tall = draws.uniform(0.28, 0.38);
  const foot = draws.uniform(0.3, 0.45);
  const parts = [
    part('cylinder', [0, 0.06, 0], [foot, 0.06], paint, { round: 0.03 }),
    part('cylinder', [0, h, 0], [draws.uniform(0.05, 0.08), h], paint),
    part('cone', [0, 2 * h + tall * 0.6, 0], [wide, narrow, tall], bright(draws), marked(draws, ['stripes'])),
  ];
  if (draws.chance(0.4)) parts.push(part('ball', [0, h * 0.5, 0], [0.26, h * 0.45, 0.26], paint));
  return parts;
}

function mug(draws: Draws): Part[] {
  const paint = bright(draws);
  const r = draws.uniform(0.5, 0.62);
  const h = draws.uniform(0.52, 0.7);
  const grip = draws.uniform(0.3, 0.38);
  return [
    part('cup', [0, h, 0], [r, h, 0.09], paint, marked(draws)),
    part('handle', [r + 0.08, h, 0], [grip, 0.09], draws.chance(0.7) ? paint : bright(draws)),
    part(
      'cylinder',
      [0, h * draws.uniform(0.9, 1.4), 0],
      [r - 0.05, 0.02],
      draws.chance(0.5) ? DARK : bright(draws),
    ),
  ];
}

function mushroom(draws: Draws): Part[] {
  const h = draws.uniform(0.4, 0.6);
  const [low, high] = [draws.uniform(0.22, 0.36), draws.uniform(0.16, 0.24)];
  const wide = draws.uniform(0.66, 0.88);
  const tall = draws.uniform(0.36, 0.55);
  const dots = { kind: 'dots', paint: LIGHT, period: draws.uniform(0.35, 0.5) } as const;
  return [
    part('cone', [0, h, 0], [low, high, h], draws.chance(0.6) ? LIGHT : bright(draws)),
    part(
      'ball',
      [0, 2 * h, 0],
      [wide, tall, wide],
      bright(draws),
      draws.chance(0.7) ? { pattern: dots } : {},
    ),
    part('cylinder', [0, 2 * h - 0.12, 0], [wide * 0.82, 0.06], LIGHT),
  ];
}

function rocket(draws: Draws): Part[] {
  const paint = bright(draws);
  const other = bright(draws);
  const r = draws.uniform(0.3, 0.38);
  const h = draws.uniform(0.5, 0.65);
  const nose = draws.uniform(0.28, 0.38);
  const fin = draws.uniform(0.22, 0.3);
  const foot = 0.22;
  const middle = foot + h;
  return [
    part('cylinder', [0, middle, 0], [r, h], paint, marked(draws, ['stripes'])),
    part('cone', [0, middle + h + nose, 0], [r, 0.02, nose], other),
    part('cone', [0, foot - 0.06, 0], [r * 0.85, r * 0.5, 0.12], DARK),
    part('box', [0, 0.38, 0], [r + fin, 0.26, 0.05], other),
    part('box', [0, 0.38, 0], [0.05, 0.26, r + fin], other),
    ...[-1, 1].map((s) => part('ball', [0, middle + h * 0.4, s * r], [0.16, 0.16, 0.06], GLASS)),
  ];
}

function tree(draws: Draws): Part[] {
  const paint = bright(draws);
  const trunk = colored(draws.uniform(15, 40), 0.6, draws.uniform(0.25, 0.6));
  const h = draws.uniform(0.2, 0.32);
  const wide = draws.uniform(0.6, 0.78);
  const stem = part('cylinder', [0, h, 0], [draws.uniform(0.1, 0.17), h + 0.05], trunk);
  const tiers = 2 + draws.int(2);
  const tall = draws.uniform(1.1, 1.4) / tiers;
  return [
    stem,
    ...Array.from({ length: tiers }, (_, i) =>
      part(
        'cone',
        [0, 2 * h + tall * (0.5 + 0.8 * i), 0],
        [wide * (1 - 0.24 * i), 0.06 + 0.1 * (tiers - 1 - i), tall * 0.6],
        paint,
      ),
    ),
  ];
}
