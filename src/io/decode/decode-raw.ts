/** Pixels that are not encoded: in memory, or as a range of a file. */
import type { ImageRef } from '../../core/index.js';
import { type ImageFiles, rawBytes } from '../files.js';
import { badSample, nameOf } from '../problems.js';
import { tooManyPixels } from './decode-errors.js';
import type { Look } from './jpeg-part.js';
import { type Pixels, type Rgb, type Target, toRgb } from './pixels.js';
import type { Ids } from './png-ids.js';

type Given = Extract<ImageRef, { kind: 'pixels' }>;
type Raw = Extract<ImageRef, { kind: 'raw' }>;

/** RGB as it is, where `asIs` allows; other channel counts converted. */
export function givenPixels(
  ref: Given,
  background: Rgb,
  memory: Target,
  asIs: boolean,
  name: string | undefined,
): Pixels {
  const { data, width, height, channels } = ref;
  const pixels = width * height;
  if (!(channels >= 1 && channels <= 4) || data.length !== pixels * channels || pixels === 0) {
    throw badSample(
      name ?? nameOf(ref),
      `expected height × width × channels bytes with 1 to 4 channels but received ${data.length} bytes for ${height}×${width}×${channels}; give matching sizes`,
    );
  }
  if (channels === 3 && asIs) return { data, width, height, channels };
  const out = memory(3 * pixels).subarray(0, 3 * pixels);
  if (channels === 3) out.set(data);
  else toRgb(data, channels, pixels, background, out);
  return { data: out, width, height, channels: 3 };
}

/**
 * RGB is read to where it belongs, and of it only the rows that are seen; other channel counts and planes are converted.
 *
 * @throws BadSampleError for too many pixels, a file that ends too early, and one that cannot be read
 */
export function rawPixels(
  ref: Raw,
  files: ImageFiles,
  { maxPixels, background }: { readonly maxPixels: number; readonly background: Rgb },
  memory: Target,
  name: string,
  look: Look | undefined,
): Pixels {
  const { path, offset, width, height, channels, planar, bits = 8 } = ref;
  const area = width * height;
  checkArea(ref, maxPixels, name);
  if (bits !== 8) throw badSample(name, 'its pixels have 16 bits; give images of 8 bits');
  const data = memory(3 * area).subarray(0, 3 * area);
  if (channels === 3 && !planar) {
    const [, y0, , y1] = look?.(width, height)?.window ?? [0, 0, width, height];
    const top = Math.min(Math.max(0, y0), height);
    const [from, to] = [3 * width * top, 3 * width * Math.min(Math.max(top, y1), height)];
    if (to > from) files.readInto(path, offset + from, data.subarray(from, to), name);
  } else {
    const stored = files.read(ref, name);
    if (channels === 3) interleave(stored, 3, area, data);
    else if (!planar || channels === 1) toRgb(stored, channels, area, background, data);
    else {
      const mixed = new Uint8Array(channels * area);
      interleave(stored, channels, area, mixed);
      toRgb(mixed, channels, area, background, data);
    }
  }
  return { data, width, height, channels: 3 };
}

/** Ids of 8 or 16 bits, in memory of their own. */
export function rawIds(ref: Raw, name: string, files: ImageFiles, maxPixels: number): Ids {
  const { path, offset, width, height, channels, bits = 8 } = ref;
  if (channels !== 1)
    throw badSample(name, `expected one id a pixel but received ${channels} channels; give one channel`);
  checkArea(ref, maxPixels, name);
  const bytes = new Uint8Array(rawBytes(ref));
  files.readInto(path, offset, bytes, name);
  if (bits === 8) return { data: bytes, width, height };
  const view = new DataView(bytes.buffer);
  const data = Uint16Array.from({ length: width * height }, (_, i) => view.getUint16(2 * i, true));
  return { data, width, height };
}

/** Before memory is taken for them. */
function checkArea({ width, height }: Raw, maxPixels: number, name: string): void {
  if (width * height > maxPixels) throw badSample(name, tooManyPixels(maxPixels, width, height));
}

/** Planes to pixels. */
function interleave(planes: Uint8Array, channels: number, area: number, out: Uint8Array): void {
  for (let c = 0, plane = 0; c < channels; c++, plane += area)
    for (let i = 0, to = c; i < area; i++, to += channels) out[to] = planes[plane + i] as number;
}
