/** Chains of draws around a recipe: to compare fused rendering with rendering alone. */
import {
  affine,
  brightness,
  centerCrop,
  contrast,
  gaussianNoise,
  grayscale,
  horizontalFlip,
  hue,
  normalize,
  padCrop,
  randomRotate90,
  resize,
  type SampleOperator,
  saturation,
  verticalFlip,
} from '../augment/index.js';
import { type Draw, fold, keyOf, type Recipe } from '../core/index.js';

/** `normalize` draws the same for every key. */
const KEY = fold(keyOf(99), 0);

/** Neighbors that are exact in any combination: moves by whole pixels, tables, steps of a row. */
const NEIGHBORS: readonly SampleOperator[] = [
  horizontalFlip({ p: 1 }),
  verticalFlip({ p: 1 }),
  randomRotate90({ turns: [1] }),
  centerCrop([15, 13]),
  padCrop({ padding: 3, border: 'reflect' }),
  padCrop({ padding: 3, fill: [9, 99, 199] }),
  brightness({ factor: [1.3, 1.3] }),
  contrast({ factor: [0.6, 0.6] }),
  saturation({ factor: [1.7, 1.7] }),
  hue({ shift: [0.1, 0.1] }),
  grayscale({ p: 1 }),
  gaussianNoise(0.1),
];
/** These interpolate: two in a row have to stay two. */
const RESAMPLERS: readonly SampleOperator[] = [resize([19, 14]), affine({ rotate: [20, 20] })];

/** The recipe after, before and between its neighbors. */
export function chains(recipe: Recipe, last: boolean): [string, Recipe][] {
  const around = [...NEIGHBORS, ...RESAMPLERS].map((n, i) => n.transform.draw(fold(keyOf(7), i), 0));
  const all: [string, Recipe][] = around.map((n, i) => [
    `after ${n[0]?.op}`,
    [...n, ...(around[(i + 3) % NEIGHBORS.length] as Draw[]), ...recipe],
  ]);
  if (!last) {
    for (const [i, n] of around.entries()) {
      all.push([`before ${n[0]?.op}`, [...recipe, ...n]]);
      const other = around[(i + 5) % NEIGHBORS.length] as Draw[];
      all.push([
        `between ${n[0]?.op} and ${other[0]?.op}`,
        [...n, ...recipe, ...other, ...normalize().transform.draw(KEY, 0)].slice(0, -1),
      ]);
    }
  }
  return all;
}
