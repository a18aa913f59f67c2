/** Masks of a batch after its draws: ids go where their pixels went. */
import type { BatchOp, MixLayer } from '../augment/index.js';
import { type Draw, type Registry, RxaugError } from '../core/index.js';
import { type BatchSize, coveredOf, followOf, layersOf } from './mix-layers.js';

export interface MaskRows {
  readonly name: string;
  readonly ignore: number;
  /** [B, H, W], changed in place. */
  readonly data: Uint8Array | Uint16Array;
}

/**
 * @param hides by row, whether what is covered is hidden in its masks
 * @throws RxaugError for draws that blend images, for ids cannot be blended
 */
export function mixMasks(
  draws: readonly Draw[],
  masks: readonly MaskRows[],
  hides: readonly boolean[],
  batch: BatchSize,
  ops: Registry<BatchOp>,
): void {
  for (const { op: name, params } of draws) {
    const op = ops.get(name);
    const follow = followOf(op);
    if (follow.kind === 'blend') {
      throw new RxaugError(
        `${name}: expected batches without masks, for a blend of two images has no one id a pixel; use cutmix, fmix, resizeMix or mosaic, or leave the masks out`,
      );
    }
    if (follow.kind === 'layers') {
      const layers = layersOf(op, follow, params, batch);
      for (const mask of masks) moveLayers(mask, layers, batch);
    } else if (follow.kind === 'erase') {
      const boxes = coveredOf(op, follow, params, batch);
      for (const mask of masks) hide(mask, boxes, hides, batch);
    }
  }
}

function moveLayers(
  { data }: MaskRows,
  layers: ReadonlyMap<number, readonly MixLayer[]>,
  { width, height }: BatchSize,
): void {
  const area = width * height;
  const old = new Map<number, Uint8Array | Uint16Array>();
  for (const all of layers.values()) {
    for (const { from } of all) old.set(from, old.get(from) ?? data.slice(from * area, (from + 1) * area));
  }
  for (const [row, all] of layers) {
    for (const layer of all) paste(layer, old.get(layer.from) as Uint8Array, data, row * area, width, height);
  }
}

/** The pixel of the image under the center of each output pixel. */
function paste(
  { to: [x0, y0, x1, y1], shift, scale = [1, 1], shows }: MixLayer,
  from: Uint8Array | Uint16Array,
  data: Uint8Array | Uint16Array,
  base: number,
  width: number,
  height: number,
): void {
  const place = (v: number, axis: 0 | 1, side: number) =>
    Math.min(side - 1, Math.max(0, Math.floor((v + 0.5 - shift[axis]) / scale[axis])));
  for (let y = y0; y < y1; y++) {
    const line = place(y, 1, height) * width;
    for (let x = x0; x < x1; x++) {
      if (shows && !shows(x, y)) continue;
      data[base + y * width + x] = from[line + place(x, 0, width)] as number;
    }
  }
}

function hide(
  { data, ignore }: MaskRows,
  boxes: readonly (readonly [number, number, number, number])[],
  hides: readonly boolean[],
  { size, width, height }: BatchSize,
): void {
  for (let row = 0; row < size; row++) {
    if (!hides[row]) continue;
    for (const [x0, y0, x1, y1] of boxes) {
      for (let y = y0; y < y1; y++) {
        const line = (row * height + y) * width;
        data.fill(ignore, line + x0, line + x1);
      }
    }
  }
}
