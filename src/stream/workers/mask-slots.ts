/** Memory for the masks of a batch: one block for each name that its samples have a mask of. */
import { BadSampleError, RxaugError, type Sample } from '../../core/index.js';
import { namedMasks } from '../row-targets.js';
import type { Slots } from './slots.js';

export interface MaskSlot {
  readonly name: string;
  readonly bits: 8 | 16;
  /** What rows without this mask hold. */
  readonly ignore: number;
  /** Ids are instances. */
  readonly instances: boolean;
  readonly buffer: SharedArrayBuffer;
}

type Size = { readonly height: number; readonly width: number };

/** The ids of some rows: [count, H, W]. */
export function maskRows(
  { bits, buffer }: MaskSlot,
  { height, width }: Size,
  first: number,
  count: number,
): Uint8Array | Uint16Array {
  const size = height * width;
  return bits === 16
    ? new Uint16Array(buffer, 2 * first * size, count * size)
    : new Uint8Array(buffer, first * size, count * size);
}

/**
 * Memory for all masks that these samples have. Where they differ in bits, the wider ones decide.
 *
 * @param bad takes the reason of every sample whose masks make no sense, by its row
 * @throws RxaugError where two samples give one mask different values to ignore: a batch can have but one
 */
export function maskSlots(
  samples: readonly Sample[],
  { height, width }: Size,
  slots: Slots,
  bad: Map<number, string>,
): MaskSlot[] {
  const found = new Map<string, { bits: 8 | 16; ignore: number; instances: boolean; id: string }>();
  samples.forEach(({ targets, id }, row) => {
    if (!targets?.mask && !targets?.masks) return;
    try {
      for (const { name, bits, ignore, instances } of namedMasks(targets, id)) {
        const known = found.get(name);
        if (known && known.ignore !== ignore) {
          throw new RxaugError(
            `mask '${name}': expected one value to ignore in a batch but received ${known.ignore} (${known.id}) and ${ignore} (${id}); give all samples the same`,
          );
        }
        if (known && known.instances !== instances) {
          throw new RxaugError(
            `mask '${name}': expected instances to be the same in a batch but received ${known.instances} (${known.id}) and ${instances} (${id}); give all samples the same`,
          );
        }
        found.set(name, { bits: known?.bits === 16 ? 16 : bits, ignore, instances, id: known?.id ?? id });
      }
    } catch (error) {
      if (!(error instanceof BadSampleError)) throw error;
      bad.set(row, error.message);
    }
  });
  return [...found].map(([name, { bits, ignore, instances }]) => {
    const { buffer } = slots.take(samples.length * height * width * (bits / 8));
    return { name, bits, ignore, instances, buffer };
  });
}
