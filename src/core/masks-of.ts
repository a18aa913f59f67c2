/** The masks of a sample. */
import { BadSampleError, expected } from './errors.js';
import { targetsFault } from './target-fields.js';
import type { Mask, MaskRef, Targets } from './targets.js';

/** A mask with its defaults filled in. */
export interface NamedMask extends Required<Omit<Mask, 'classes'>> {
  readonly name: string;
  readonly classes?: number;
}

/**
 * The masks of a sample by name, with their defaults filled in.
 *
 * @throws {BadSampleError} if targets or a mask are not what they should be
 * @example masksOf({ mask: { kind: 'file', path: 'mask.png' } })[0]?.ignore // → 255
 */
export function masksOf(targets: Targets): readonly NamedMask[] {
  const fault = targetsFault(targets);
  if (fault) throw new BadSampleError(fault);
  const { mask, masks } = targets;
  if (mask === undefined && masks === undefined) return [];
  if (mask !== undefined && masks && 'mask' in masks) {
    throw new BadSampleError("targets: expected one mask of the name 'mask' but received two; rename one");
  }
  const all = { ...(mask !== undefined && { mask }), ...masks };
  return Object.entries(all).map(([name, given]) => named(name, given));
}

/** The largest id that fits. */
const LARGEST = { 8: 255, 16: 65_535 } as const;

function named(name: string, given: MaskRef | Mask): NamedMask {
  const where = `mask '${name}'`;
  if (typeof given !== 'object' || given === null) {
    throw new BadSampleError(expected(where, 'an image, or { image, bits, fill, ignore, classes }', given));
  }
  const settings: Mask = 'image' in given ? given : { image: given };
  const { image, bits = 8, fill = 0, ignore = 255, classes, instances = false } = settings;
  if (bits !== 8 && bits !== 16) throw new BadSampleError(expected(`${where}: bits`, '8 or 16', bits));
  const most = LARGEST[bits];
  for (const [key, value] of Object.entries({ fill, ignore })) {
    if (Number.isInteger(value) && value >= 0 && value <= most) continue;
    throw new BadSampleError(expected(`${where}: ${key}`, `an id in 0..${most}`, value));
  }
  if (classes !== undefined && !(Number.isInteger(classes) && classes >= 1)) {
    throw new BadSampleError(expected(`${where}: classes`, 'a whole number ≥ 1', classes));
  }
  if (typeof instances !== 'boolean')
    throw new BadSampleError(expected(`${where}: instances`, 'true or false', instances));
  if (instances && fill !== 0 && fill !== ignore)
    throw new BadSampleError(expected(`${where}: fill`, '0 or ignore in a mask of instances', fill));
  return { name, image, bits, fill, ignore, instances, ...(classes !== undefined && { classes }) };
}
