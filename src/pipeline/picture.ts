/** Converts rendered values to a visible image: uint8 [H, W, 3], with `normalize` undone. */
import type { Dtype, Layout, Recipe } from '../core/index.js';

export interface Rendered {
  readonly images: Uint8Array | Float32Array;
  readonly height: number;
  readonly width: number;
  readonly dtype: Dtype;
  readonly layout: Layout;
}

/** Row `row` of a batch; `recipe` is that of its sample. */
export function pictureOf(
  { images, height, width, dtype, layout }: Rendered,
  row: number,
  recipe: Recipe,
): Uint8Array {
  const plane = height * width;
  const values = images.subarray(3 * plane * row, 3 * plane * (row + 1));
  const picture = new Uint8ClampedArray(3 * plane); // rounds to nearest, and clamps
  const { mean, std } = statisticsOf(recipe);
  for (let c = 0; c < 3; c++) {
    const scale = dtype === 'uint8' ? 1 : 255 * (std[c] as number);
    const shift = dtype === 'uint8' ? 0 : 255 * (mean[c] as number);
    for (let i = 0; i < plane; i++) {
      const at = layout === 'HWC' ? 3 * i + c : c * plane + i;
      picture[3 * i + c] = (values[at] as number) * scale + shift;
    }
  }
  return new Uint8Array(picture.buffer);
}

interface Statistics {
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

function statisticsOf(recipe: Recipe): Statistics {
  const draw = recipe.findLast(({ op }) => op === 'normalize');
  return draw ? (draw.params as unknown as Statistics) : { mean: [0, 0, 0], std: [1, 1, 1] };
}
