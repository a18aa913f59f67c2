/**
 * Decoding by TurboJPEG, called directly: a part of an image, at a fraction of its size, with the accurate inverse DCT,
 * none of which the binding offers.
 */
import type { StoredPart } from './jpeg-part.js';
import { type Handle, loadTurboJpeg, type TurboJpegFunctions } from './turbojpeg-library.js';

const DECOMPRESS = 1;
const RGB = 0;
/** Parameters of a handle, as turbojpeg.h numbers them. */
const SUBSAMPLING = 4;
const WIDTH = 5;
const HEIGHT = 6;
const FAST_DCT = 10;

/** Width and height of an iMCU by TJSAMP: the unit that chroma is stored in. */
const UNITS: readonly (readonly [width: number, height: number])[] = [
  [8, 8], // 4:4:4
  [16, 8], // 4:2:2
  [16, 16], // 4:2:0
  [8, 8], // gray
  [8, 16], // 4:4:0
  [32, 8], // 4:1:1
  [8, 32], // 4:4:1
];

/** What a JPEG is decoded to: its size as its header says, the fraction of it, and the part, if not all of it. */
export interface Wanted {
  readonly width: number;
  readonly height: number;
  readonly fast: boolean;
  /** 1, 2, 4 or 8: the image is decoded at one over this. */
  readonly shrink: number;
  /** In pixels of the shrunk image; undefined for all of it. */
  readonly part: StoredPart | undefined;
  /** The iMCU that the part was laid out for, in pixels of the full image. */
  readonly unitWidth: number;
  readonly unitHeight: number;
}

/** A decompressor of TurboJPEG; it serves one thread, and keeps its memory from image to image. */
export class TurboJpeg {
  private handle: Handle;
  private fast = 0;
  private shrink = 1;
  private cropped = false;

  constructor(private readonly library: TurboJpegFunctions) {}

  /**
   * Decodes to RGB in the place that the part has in the whole image, which is `ceil(width / shrink)` pixels wide:
   * `target` has room for the whole, and outside the part it is left as it was. False where the library refuses, or the
   * header is not what the caller read: nothing is written beyond `target`.
   */
  decode(bytes: Uint8Array, target: Uint8Array, wanted: Wanted): boolean {
    this.handle ??= this.library.tj3Init(DECOMPRESS);
    const decoded = this.handle ? this.attempt(bytes, target, wanted) : false;
    // After an error a handle is in the middle of that image: used again, it refuses good ones, or crashes.
    if (!decoded) this.dispose();
    return decoded;
  }

  private attempt(bytes: Uint8Array, target: Uint8Array, wanted: Wanted): boolean {
    const { library, handle } = this;
    const { width, height, fast, shrink, part } = wanted;
    // Decoding reads the header once more, but the library must name the size before it gets memory to write to.
    if (library.tj3DecompressHeader(handle, bytes, bytes.length) !== 0) return false;
    if (library.tj3Get(handle, WIDTH) !== width || library.tj3Get(handle, HEIGHT) !== height) return false;
    if (!this.set(fast ? 1 : 0, shrink)) return false;
    const w = Math.ceil(width / shrink);
    const h = Math.ceil(height / shrink);
    if (target.length < 3 * w * h) return false;
    if (part && !this.hasUnit(wanted)) return false;
    if (!this.crop(part, w, h)) return false;
    const at = part ? 3 * (part.y * w + part.x) : 0;
    const place = at === 0 ? target : target.subarray(at);
    return library.tj3Decompress8(handle, bytes, bytes.length, place, 3 * w, RGB) === 0;
  }

  /** A part laid out for another iMCU would have too small a margin. */
  private hasUnit({ unitWidth, unitHeight }: Wanted): boolean {
    const unit = UNITS[this.library.tj3Get(this.handle, SUBSAMPLING)];
    return unit?.[0] === unitWidth && unit[1] === unitHeight;
  }

  private set(fast: number, shrink: number): boolean {
    const { library, handle } = this;
    if (fast !== this.fast && library.tj3Set(handle, FAST_DCT, fast) !== 0) return false;
    this.fast = fast;
    if (shrink === this.shrink) return true;
    // A region belongs to a scale: the library refuses one that does not fit the next.
    if (!this.crop(undefined, 0, 0)) return false;
    if (library.tj3SetScalingFactor(handle, { num: 1, denom: shrink }) !== 0) return false;
    this.shrink = shrink;
    return true;
  }

  private crop(region: StoredPart | undefined, width: number, height: number): boolean {
    if (!region && !this.cropped) return true;
    if (region && !fits(region, width, height)) return false;
    const { x, y, w, h } = region ?? { x: 0, y: 0, w: 0, h: 0 };
    if (this.library.tj3SetCroppingRegion(this.handle, { x, y, w, h }) !== 0) return false;
    this.cropped = region !== undefined;
    return true;
  }

  dispose(): void {
    if (this.handle) this.library.tj3Destroy(this.handle);
    this.handle = undefined;
    this.fast = 0;
    this.shrink = 1;
    this.cropped = false;
  }
}

const fits = ({ x, y, w, h }: StoredPart, width: number, height: number) =>
  x >= 0 && y >= 0 && w > 0 && h > 0 && x + w <= width && y + h <= height;

/** A decompressor, or undefined where there is no library. */
export function openTurboJpeg(): TurboJpeg | undefined {
  const library = loadTurboJpeg();
  return library && new TurboJpeg(library);
}
