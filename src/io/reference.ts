/** Checks the image reference of a data set before it is used: data sets may come from users. */
import { expected, type ImageRef, show } from '../core/index.js';
import { badSample } from './problems.js';

const side = (n: unknown): boolean => Number.isInteger(n) && (n as number) >= 1;
const place = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= 0;

/** The first fault, if any. */
function faultOf(ref: ImageRef | undefined): string | undefined {
  switch (ref?.kind) {
    case 'pixels':
      if (!(ref.data instanceof Uint8Array)) return "data of kind 'pixels' to be a Uint8Array";
      return side(ref.width) && side(ref.height)
        ? undefined
        : "width and height of kind 'pixels' to be whole numbers ≥ 1";
    case 'bytes':
      return ref.bytes instanceof Uint8Array ? undefined : "bytes of kind 'bytes' to be a Uint8Array";
    case 'file':
      return typeof ref.path === 'string' ? undefined : "path of kind 'file' to be text";
    case 'range':
      return typeof ref.path === 'string' && place(ref.offset) && place(ref.length)
        ? undefined
        : "path, offset and length of kind 'range' to be text and whole numbers ≥ 0";
    case 'raw':
      if (typeof ref.path !== 'string' || !place(ref.offset))
        return "path and offset of kind 'raw' to be text and a whole number ≥ 0";
      if (!side(ref.width) || !side(ref.height) || !side(ref.channels) || ref.channels > 4)
        return "width, height and channels of kind 'raw' to be whole numbers ≥ 1, channels at most 4";
      return [undefined, 8, 16].includes(ref.bits) && (ref.bits !== 16 || ref.channels === 1)
        ? undefined
        : "bits of kind 'raw' to be 8, or 16 for a mask of one channel";
    default:
      return "an image of kind 'file', 'range', 'bytes', 'raw' or 'pixels'";
  }
}

export function checkReference(ref: ImageRef, name: string | undefined): void {
  const fault = faultOf(ref);
  if (fault) throw badSample(name ?? 'image', expected('image', fault, brief(ref), 'fix the data set'));
}

/** Without pixels, which may be many. */
const brief = (ref: unknown): unknown =>
  typeof ref === 'object' && ref !== null
    ? Object.fromEntries(Object.entries(ref).map(([key, v]) => [key, typeof v === 'object' ? show(v) : v]))
    : ref;
