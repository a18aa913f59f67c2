/** A mask to ids by pixel, from memory or from a PNG. Nothing that has colors or was compressed with loss is one. */
import type { MaskRef } from '../../core/index.js';
import type { ImageFiles } from '../files.js';
import { badSample } from '../problems.js';
import { checkReference } from '../reference.js';
import { rawIds } from './decode-raw.js';
import { type Ids, PngFault, pngIds } from './png-ids.js';
import { formatOf, looksLike } from './sniff.js';

/** @throws BadSampleError that begins with `name` */
export function decodeIds(ref: MaskRef, name: string, files: ImageFiles, maxPixels: number): Ids {
  if (ref?.kind === 'ids') return inMemory(ref, name);
  checkReference(ref, name);
  if (ref.kind === 'pixels') {
    if (ref.channels === 1) return inMemory(ref, name);
    throw badSample(name, `expected one id a pixel but received ${ref.channels} channels; give one channel`);
  }
  if (ref.kind === 'raw') return rawIds(ref, name, files, maxPixels);
  const bytes = files.read(ref, name);
  const format = formatOf(bytes);
  if (format !== 'png') {
    const what = format ? `a ${format.toUpperCase()}` : looksLike(bytes);
    const why = format === 'jpeg' ? ', whose compression changes ids' : '';
    throw badSample(name, `expected a PNG of ids but found ${what}${why}; save the mask as PNG`);
  }
  try {
    return pngIds(bytes, maxPixels);
  } catch (error) {
    if (error instanceof PngFault) throw badSample(name, error.message);
    throw error;
  }
}

function inMemory({ data, width, height }: Ids, name: string): Ids {
  const ids = data instanceof Uint8Array || data instanceof Uint16Array;
  const sides = [width, height].every((side) => Number.isInteger(side) && side >= 1);
  if (ids && sides && data.length === width * height) return { data, width, height };
  const received = ids ? `${data.length} ids for ${width}×${height}` : 'something else';
  throw badSample(
    name,
    `expected height × width ids in a Uint8Array or Uint16Array but received ${received}; fix the data set`,
  );
}
