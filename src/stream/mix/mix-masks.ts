/** Masks of a batch after its draws: ids move with their pixels. */
import type { BatchOp, MixLayer } from '../../augment/index.js';
import { type Draw, type Registry, RxaugError } from '../../core/index.js';
import { avoided, checkRoom, type Shifts, shiftsOf } from './instances.js';
import { type BatchSize, coveredOf, followOf, layersOf } from './mix-layers.js';

export interface MaskRows {
  readonly name: string;
  readonly ignore: number;
  /** Ids are instances. */
  readonly instances: boolean;
  /** [B, H, W], changed in place. */
  readonly data: Uint8Array | Uint16Array;
}

export interface RowRules {
  /** By row, whether covered pixels are hidden in its masks. */
  readonly hides: readonly boolean[];
  /** By row, the bound of its instances. */
  readonly bounds: readonly number[];
}

/**
 * @throws RxaugError for draws that blend images, for ids cannot be blended, and where instances find no room
 */
export function mixMasks(
  draws: readonly Draw[],
  masks: readonly MaskRows[],
  { hides, bounds }: RowRules,
  batch: BatchSize,
  ops: Registry<BatchOp>,
): void {
  const avoid = avoided(masks);
  let now = bounds;
  for (const { op: name, params } of draws) {
    const op = ops.get(name);
    const follow = followOf(op);
    if (follow.kind === 'blend') {
      throw new RxaugError(
        `${name}: expected batches without masks, because a blend of two images has no single id per pixel; use cutmix, fmix, resizeMix or mosaic, or leave the masks out`,
      );
    }
    if (follow.kind === 'layers') {
      const layers = layersOf(op, follow, params, batch);
      const shifts = new Map([...layers].map(([row, all]) => [row, shiftsOf(all, now, avoid)]));
      for (const mask of masks) moveLayers(mask, layers, shifts, batch);
      now = now.map((bound, row) => shifts.get(row)?.bound ?? bound);
    } else if (follow.kind === 'erase') {
      const boxes = coveredOf(op, follow, params, batch);
      for (const mask of masks) hide(mask, boxes, hides, batch);
    }
  }
}

function moveLayers(
  mask: MaskRows,
  layers: ReadonlyMap<number, readonly MixLayer[]>,
  shifts: ReadonlyMap<number, Shifts>,
  { width, height }: BatchSize,
): void {
  const { name, data, ignore, instances } = mask;
  const area = width * height;
  const old = new Map<number, Uint8Array | Uint16Array>();
  for (const all of layers.values()) {
    for (const { from } of all) old.set(from, old.get(from) ?? data.slice(from * area, (from + 1) * area));
  }
  for (const [row, all] of layers) {
    const { of, bound } = shifts.get(row) as Shifts;
    if (instances) checkRoom(name, data, bound);
    all.forEach((layer, i) => {
      const from = old.get(layer.from) as Uint8Array;
      const shift = of[i] as number;
      const ids = instances && shift > 0 ? from.map((id) => shifted(id, shift, ignore)) : from;
      paste(layer, ids, data, row * area, width, height);
    });
  }
}

const shifted = (id: number, shift: number, ignore: number) => (id === 0 || id === ignore ? id : id + shift);

const NOTHING = [0, 0, 0, 0] as const;

/** The pixel of the image under the center of each output pixel. */
function paste(
  { to: [x0, y0, x1, y1], shift, scale = [1, 1], except = NOTHING, shows }: MixLayer,
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
    const [left, right] = y >= except[1] && y < except[3] ? [except[0], except[2]] : [x1, x1];
    for (let x = x0; x < x1; x++) {
      if (x >= left && x < right) continue;
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
