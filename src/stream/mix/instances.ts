/** Instance numbers of rows that show several images: shifted per image, so no two objects share a number. */
import type { MixLayer } from '../../augment/index.js';
import { type NamedMask, RxaugError, type Targets } from '../../core/index.js';

/** A number above all instances of boxes and keypoints; 0 if they have none. */
export function boundOf({ boxes, keypoints }: Targets): number {
  let bound = 0;
  const note = (all: unknown) => {
    // Values of another type are refused when targets are moved.
    for (const one of Array.isArray(all) ? (all as ({ instance?: number } | null)[]) : [])
      if (one?.instance !== undefined && one.instance >= bound) bound = one.instance + 1;
  };
  note(boxes?.items);
  note(keypoints?.items);
  return bound;
}

/** The same for the ids of a mask; 0 if it is not an instance mask. */
export function boundIn({ instances, fill, ignore }: NamedMask, ids: Uint8Array | Uint16Array): number {
  if (!instances) return 0;
  let most = 0;
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i] as number;
    if (id > most && id !== ignore && id !== fill) most = id;
  }
  return most === 0 ? 0 : most + 1;
}

/** The offset of the instances of each layer's image, and the bound of all. */
export interface Shifts {
  readonly of: readonly number[];
  readonly bound: number;
}

/**
 * @param bounds of each row before
 * @param avoid ids of masks that mean no instance, such as `ignore`
 */
export function shiftsOf(
  layers: readonly Pick<MixLayer, 'from'>[],
  bounds: readonly number[],
  avoid: readonly number[],
): Shifts {
  const known = new Map<number, number>();
  let next = 0;
  const of = layers.map(({ from }) => {
    const before = known.get(from);
    if (before !== undefined) return before;
    const bound = bounds[from] as number;
    // The first image keeps its numbers; ids that mean no instance are not among them.
    for (const id of avoid) if (next > 0 && id >= next && id < next + bound) next = id + 1;
    known.set(from, next);
    const shift = next;
    next += bound;
    return shift;
  });
  return { of, bound: next };
}

/** Ids that mean no instance in instance masks, sorted. */
export const avoided = (
  masks: readonly { readonly instances: boolean; readonly ignore: number }[],
): number[] =>
  [...new Set(masks.filter(({ instances }) => instances).map(({ ignore }) => ignore))].sort((a, b) => a - b);

/** @throws RxaugError where a mask has no room for the instances of a row */
export function checkRoom(name: string, ids: Uint8Array | Uint16Array, bound: number): void {
  const most = ids instanceof Uint16Array ? 65_535 : 255;
  if (bound - 1 <= most) return;
  const fix = most === 255 ? 'give bits: 16 and ignore: 65535' : 'number the instances of each image from 1';
  throw new RxaugError(
    `mask '${name}': expected the instances of all images in a mixed row to end at ${most} but they end at ${bound - 1}; ${fix}`,
  );
}
