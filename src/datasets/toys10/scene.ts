/**
 * What stands before the camera: one toy, small things around it, a floor and a wall, light, and the camera itself. All
 * that is drawn here is independent of the class.
 */
import type { Draws } from '../../core/index.js';
import { type Paint, type Part, Solids, tallness, width } from './solids.js';
import { bright, colored, toy } from './toys.js';

/** A group of parts as it stands: turned about y, scaled, moved over the floor. */
export interface Thing {
  readonly solids: Solids;
  readonly x: number;
  readonly z: number;
  readonly cos: number;
  readonly sin: number;
  readonly scale: number;
  /** A ball that holds it: the height of its center over the floor, and its radius. */
  readonly middle: number;
  readonly reach: number;
}

/** A plane with a pattern of two colors. */
export interface Surface {
  readonly kind: 'plain' | 'planks' | 'tiles' | 'dots';
  readonly paint: Paint;
  readonly other: Paint;
  readonly period: number;
  readonly cos: number;
  readonly sin: number;
}

export interface Scene {
  readonly things: readonly Thing[];
  readonly floor: Surface;
  readonly wall: Surface;
  /** How far the wall is behind the toy. */
  readonly depth: number;
  /** Towards the light, and its color. */
  readonly light: readonly [number, number, number];
  readonly lit: Paint;
  /** Light from everywhere. */
  readonly ambient: Paint;
  readonly camera: {
    readonly elevation: number;
    readonly roll: number;
    readonly distance: number;
    /** Half of what is seen at the toy, across; smaller is nearer. */
    readonly view: number;
    readonly shift: readonly [number, number];
  };
}

/** The scene of one picture. */
export function sceneOf(label: number, draws: Draws): Scene {
  const things = [placed(toy(label, draws), 0, 0, draws.uniform(0.85, 1.15), draws)];
  for (let k = draws.int(4); k > 0; k--) {
    const angle = draws.uniform(0, 2 * Math.PI);
    const away = draws.uniform(1.3, 2.6);
    things.push(placed(clutter(draws), away * Math.sin(angle), away * Math.cos(angle), 1, draws));
  }
  const above = draws.uniform(0.45, 1.2);
  const around = draws.uniform(0, 2 * Math.PI);
  // Always from before the toy: a picture against the light shows an outline only.
  const light = [
    Math.cos(above) * Math.sin(around),
    Math.sin(above),
    Math.cos(above) * Math.abs(Math.cos(around)),
  ] as const;
  const strength = draws.uniform(0.75, 1.5);
  const warm = draws.uniform(-0.15, 0.15);
  const shade = draws.uniform(0.12, 0.4);
  return {
    things,
    floor: surface(draws),
    wall: surface(draws),
    depth: draws.uniform(1.8, 5),
    light,
    lit: [strength * (1 + warm), strength, strength * (1 - warm)],
    ambient: [shade * (1 - warm), shade, shade * (1 + warm)],
    camera: {
      elevation: draws.uniform(0.12, 0.65),
      roll: draws.uniform(-0.2, 0.2),
      distance: 6,
      view: draws.uniform(1.25, 2),
      shift: [draws.uniform(-0.4, 0.4), draws.uniform(-0.3, 0.3)],
    },
  };
}

function placed(parts: readonly Part[], x: number, z: number, scale: number, draws: Draws): Thing {
  const turn = draws.uniform(0, 2 * Math.PI);
  const middle = Math.max(...parts.map((part) => part.at[1] + tallness(part))) / 2;
  const reach = Math.max(
    ...parts.map((part) => {
      const [px, py, pz] = part.at;
      return Math.hypot(Math.hypot(px, pz) + width(part), Math.abs(py - middle) + tallness(part));
    }),
  );
  const thing = { solids: new Solids(parts), x, z, cos: Math.cos(turn), sin: Math.sin(turn), scale };
  return { ...thing, middle: middle * scale, reach: reach * scale };
}

/** A small thing that is no toy: a ball, a block or a can. */
function clutter(draws: Draws): Part[] {
  const paint = bright(draws);
  const a = draws.uniform(0.14, 0.4);
  const b = draws.uniform(0.14, 0.45);
  const at = [0, b, 0] as const;
  const kind = draws.int(3);
  if (kind === 0) return [{ kind: 'ball', at: [0, a, 0], a, b: a, c: a, paint }];
  if (kind === 1) return [{ kind: 'box', at, a, b, c: draws.uniform(0.12, 0.4), paint, round: 0.03 }];
  return [{ kind: 'cylinder', at, a, b, c: 0, paint, round: 0.03 }];
}

function surface(draws: Draws): Surface {
  const hue = draws.uniform(0, 360);
  const saturation = draws.uniform(0.05, 0.55);
  const value = draws.uniform(0.25, 0.95);
  const turn = draws.uniform(0, Math.PI);
  return {
    kind: (['plain', 'planks', 'tiles', 'dots'] as const)[draws.int(4)] as Surface['kind'],
    paint: colored(hue, saturation, value),
    other: colored(hue + draws.uniform(-30, 30), saturation, value * draws.uniform(0.6, 1.1)),
    period: draws.uniform(0.5, 1.4),
    cos: Math.cos(turn),
    sin: Math.sin(turn),
  };
}
