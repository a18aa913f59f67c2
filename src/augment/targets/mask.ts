/** A mask follows the moves of its image's plan and nothing else; its values are ids and never blended. */
import type { Color } from '../../kernels/index.js';
import { type Plan, PlanBuilder } from '../plan/plan.js';

export interface MaskPlanOptions {
  /** The id of what a move brings in from outside, default 0. */
  readonly fill?: number;
  /** The id that erased pixels get; undefined leaves them as they are. */
  readonly erased?: number;
}

/** An id of up to 16 bits as the first two of three channels: what passes over colors can carry it. */
const channels = (id: number): Color => [id & 255, id >>> 8, 0];

/**
 * The plan of a mask: the moves of its image's plan alone, by the nearest pixel. Ids are in the first two channels,
 * low byte first.
 */
export function maskPlan(
  { moves, holes }: Plan,
  width: number,
  height: number,
  { fill = 0, erased }: MaskPlanOptions = {},
): Plan {
  const plan = new PlanBuilder(width, height);
  const outside = channels(fill);
  const erase = (after: number) => {
    if (erased === undefined) return;
    for (const hole of holes) {
      if (hole.after !== after) continue;
      plan.fill(hole.patches.map(({ noise: _, ...patch }) => ({ ...patch, color: channels(erased) })));
    }
  };
  erase(0);
  moves.forEach(({ to }, i) => {
    if ('kind' in to) plan.warp({ ...to, interpolation: 'nearest', fill: outside });
    else {
      const { matrix, border, window } = to;
      plan.geometry(matrix, to.width, to.height, { border, window, fill: outside, interpolation: 'nearest' });
    }
    erase(i + 1);
  });
  return plan.finish();
}

/** [H, W] ids as the three channels that `maskPlan` moves. */
export function packIds(ids: Uint8Array | Uint16Array): Uint8Array {
  const packed = new Uint8Array(3 * ids.length);
  for (let i = 0, o = 0; i < ids.length; i++, o += 3) {
    const id = ids[i] as number;
    packed[o] = id & 255;
    packed[o + 1] = id >>> 8;
  }
  return packed;
}

/** What `packIds` packed, into `out`. */
export function unpackIds(packed: Uint8Array, out: Uint8Array | Uint16Array): void {
  const wide = out instanceof Uint16Array;
  for (let i = 0, o = 0; i < out.length; i++, o += 3) {
    out[i] = wide ? (packed[o] as number) | ((packed[o + 1] as number) << 8) : (packed[o] as number);
  }
}
