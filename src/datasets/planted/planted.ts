/** Data sets for which the right augmentation is known: something is planted that a search must find. */
import { z } from 'zod';
import { type Dataset, Draws, fold, type Item, keyOf, parseOptions, tag } from '../../core/index.js';
import { drawClutter, drawPose, GLYPHS, glyphOf, inkOf, turned } from './glyph.js';

/**
 * What `planted` can plant:
 *   'flip'     left and right are the classes: a mirror image belongs to another class
 *   'colour'   the hue is the class
 *   'rotated'  held-out and test images are rotated by up to ±30°, training images are not
 *   'bright'   held-out and test images are 1.5 to 2.1 times as bright
 *   'nothing'  all images come from one distribution
 *
 * @example PLANTED.length // → 5
 */
export const PLANTED = ['flip', 'colour', 'rotated', 'bright', 'nothing'] as const;
export type Planted = (typeof PLANTED)[number];

const options = z.strictObject({
  /** One of `PLANTED`. */
  planted: z.enum(PLANTED),
  /** 'heldOut' and 'test' images are alike; 'train' images differ from them where 'rotated' or 'bright' is planted. */
  split: z.enum(['train', 'heldOut', 'test']),
  /** Images, in turn of each class. */
  count: z.int().min(1).max(1_000_000).default(600),
  /** Side in pixels. */
  size: z.int().min(8).max(256).default(32),
  /** Key of everything that is drawn. */
  seed: z.int().min(0).default(0),
});
export type PlantedOptions = z.input<typeof options>;

/**
 * By up to so many degrees either way the images of 'rotated' are turned, evenly.
 *
 * @example ROTATED // → 30
 */
export const ROTATED = 30;

/**
 * The brightness of the images of 'bright' is multiplied by a factor drawn evenly between these.
 *
 * @example BRIGHTER // → [ 1.5, 2.1 ]
 */
export const BRIGHTER = [1.5, 2.1] as const;

const NAMES = Object.keys(GLYPHS);
/** Around the circle of hues, 30° apart. */
const HUES = [
  ...['red', 'orange', 'yellow', 'chartreuse', 'green', 'spring green'],
  ...['cyan', 'azure', 'blue', 'violet', 'magenta', 'rose'],
];

const classesOf = (planted: Planted): readonly string[] =>
  planted === 'flip'
    ? NAMES.flatMap((name) => [`${name} left`, `${name} right`])
    : planted === 'colour'
      ? HUES
      : NAMES;

/**
 * A data set for which the right augmentation is known, so that a search of policies can be judged: handed glyphs of a few
 * strokes, in RGB. Images are made when they are asked for; the same options give the same bytes, and splits and seeds share
 * no image.
 *
 * @param given `planted` and `split`; `count` (default 600), `size` in pixels (8..256, default 32), `seed` (default 0)
 * @throws UsageError if an option is unknown or out of range; RangeError from `item` where there is no such image
 *
 * @example
 * const train = planted({ planted: 'flip', split: 'train', count: 12 });
 * train.classes.slice(0, 2) // → [ 'flag left', 'flag right' ]
 * train.item(3).label // → 3
 */
export function planted(given: PlantedOptions): Dataset {
  const { planted, split, count, size, seed } = parseOptions('planted', options, given);
  const root = fold(keyOf(seed), tag(planted), tag(split));
  const classes = classesOf(planted);
  const shifted = split !== 'train';
  const item = (n: number): Item => {
    if (!(Number.isInteger(n) && n >= 0 && n < count))
      throw new RangeError(`planted: there is no image ${n} among ${count}`);
    const draws = new Draws(fold(root, n));
    const label = n % classes.length;
    const handed = planted === 'flip' ? label % 2 === 1 : false;
    const name = planted === 'colour' ? draws.choice(NAMES) : NAMES[planted === 'flip' ? label >> 1 : label];
    const pose = drawPose(draws, handed);
    const turn = planted === 'rotated' && shifted ? (draws.uniform(-ROTATED, ROTATED) * Math.PI) / 180 : 0;
    const light = planted === 'bright' && shifted ? draws.uniform(...BRIGHTER) : 1;
    const color = (low: number, high: number): Color => [0, 1, 2].map(() => draws.uniform(low, high));
    const glyph = glyphOf(name as string, pose, draws);
    const ink =
      planted === 'colour'
        ? hueColor((label + draws.uniform(-0.4, 0.4)) / HUES.length, draws)
        : color(75, 120);
    const clutter = Array.from({ length: CLUTTER }, (): Layer => {
      const own = planted === 'colour' ? hueColor(draws.uniform(), draws) : color(40, 120);
      return { ink: inkOf(turned([drawClutter(draws)], turn), draws.uniform(0.05, 0.1), size), color: own };
    });
    const layers = [...clutter, { ink: inkOf(turned(glyph, turn), pose.thickness, size), color: ink }];
    const data = paint(layers, size, { light, paper: planted === 'bright' ? PAPER : 0 });
    return {
      id: `${planted}/${split}-${n}`,
      image: { kind: 'pixels', data, width: size, height: size, channels: 3 },
      label,
    };
  };
  return { name: `planted-${planted}`, classes, length: count, item };
}

type Color = readonly number[];
interface Layer {
  readonly ink: Float32Array;
  readonly color: Color;
}

/** Strokes that are no part of the glyph. */
const CLUTTER = 6;

/**
 * Level of the paper where light is what is planted: on black, more contrast is more light. Elsewhere it is black, so that
 * nothing tells a turned image but its strokes.
 */
const PAPER = 40;

/** Layers on paper; no color is so light that it would be clipped. */
function paint(
  layers: readonly Layer[],
  size: number,
  { light, paper }: { readonly light: number; readonly paper: number },
): Uint8Array {
  const pixels = new Uint8Array(3 * size * size);
  for (let i = 0; i < size * size; i++) {
    for (let c = 0; c < 3; c++) {
      let value = paper;
      for (const { ink, color } of layers) value += (ink[i] as number) * ((color[c] as number) - value);
      pixels[3 * i + c] = Math.round(light * value);
    }
  }
  return pixels;
}

/** A color of a hue in [0, 1), of any lightness and saturation: only the hue tells the class. */
function hueColor(hue: number, draws: Draws): number[] {
  const high = draws.uniform(80, 120);
  const low = high * draws.uniform(0.5, 0.85);
  return [5, 3, 1].map((n) => {
    const k = (n + 6 * hue) % 6;
    return high - (high - low) * Math.max(0, Math.min(k, 4 - k, 1));
  });
}
