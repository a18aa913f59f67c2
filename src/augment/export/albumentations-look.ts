/** What moved and resized pixels look like in OpenCV's words. */
import { call, code, type Py, tuple } from './python.js';
import type { Entry, Options } from './scribe.js';

const MODES = { nearest: 'NEAREST', bilinear: 'LINEAR', bicubic: 'CUBIC', lanczos: 'LANCZOS4' } as const;
const BORDERS = { constant: 'CONSTANT', edge: 'REPLICATE', reflect: 'REFLECT_101' } as const;

export const pair = (of: readonly number[]) => tuple(...of);
export const fill = (of: Options['fill']): Py =>
  Array.isArray(of) ? tuple(...(of as number[])) : (of as number);

/** How moved pixels look. */
export const look = (o: Options) => ({
  interpolation: code(`cv2.INTER_${MODES[o.interpolation]}`),
  ...edges(o),
});

export const edges = (o: Pick<Options, 'border' | 'fill'>) => ({
  border_mode: code(`cv2.BORDER_${BORDERS[o.border]}`),
  fill: o.border === 'constant' ? fill(o.fill) : undefined,
});

/** Resizing: an antialiased image shrinks by the mean of areas, OpenCV's one way. */
export const resampling = (o: Options) => ({
  interpolation: code(
    `cv2.INTER_${o.interpolation === 'nearest' ? 'NEAREST_EXACT' : MODES[o.interpolation]}`,
  ),
  area_for_downscale: o.antialias && o.interpolation !== 'nearest' ? 'image' : undefined,
});

/** The class with a probability and with options that are always these. */
export const plain =
  (name: string, options: Readonly<Record<string, Py>> = {}): Entry =>
  ({ p }) =>
    call(`A.${name}`, [], { ...options, p });
