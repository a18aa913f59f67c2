import type { z } from 'zod';
import { type ImageRef, type MaskRef, parseOptions } from '../../core/index.js';
import type { Shrunk, View, Window } from '../../core/view.js';
import { ImageFiles } from '../files.js';
import { badSample, nameOf } from '../problems.js';
import { checkReference } from '../reference.js';
import { damagedBeyond, isLate, isTooLarge, reasonOf, tooManyPixels } from './decode-errors.js';
import { decodeIds } from './decode-ids.js';
import { decodePlain, isPlainFormat, plainSize } from './decode-plain.js';
import { givenPixels, rawPixels } from './decode-raw.js';
import { decodeWithSharp, type Known, sizeWithSharp } from './decode-sharp.js';
import { type DecoderOptions, decoderSchema } from './decoder-options.js';
import { type Header, headerOf } from './headers.js';
import { type Conversion, Profiles } from './icc.js';
import { countScans, hasEnd, JpegHeader } from './jpeg-header.js';
import { type Look, partFor, shrunkView, storedWindow } from './jpeg-part.js';
import { loadTurbo, type Turbo } from './native.js';
import { orient, swapsSides } from './orient.js';
import type { Pixels, Target } from './pixels.js';
import type { Ids } from './png-ids.js';
import { formatOf, type ImageFormat, looksLike } from './sniff.js';
import { openTurboJpeg, type TurboJpeg, type Wanted } from './turbojpeg.js';

export { type DecoderOptions, decoderSchema } from './decoder-options.js';

/** Size and format of an image, upright, as its header says. */
export interface ImageInfo {
  readonly width: number;
  readonly height: number;
  readonly format: ImageFormat | 'pixels';
}

/** Sum of a JPEG's quantization steps below which its own loss is less than that of the fast DCT: quality ≥ 97. */
const NEARLY_LOSSLESS = 256;

/** Decoded images up to this size share the decoder's own memory; larger ones get theirs and it is not kept. */
const KEPT = 16 << 20;

/**
 * Decodes images to RGB pixels: uint8 [H, W, 3], sRGB, upright (EXIF orientation applied, color profiles converted).
 *
 * Plain JPEG (8 bits, gray or three components, at most a simple color profile) is decoded by libjpeg-turbo, BMP and PNM
 * here, both without a promise; all other formats (PNG, WebP, AVIF, TIFF, GIF) by libvips, with a promise. Headers are
 * checked first: no decoder is trusted with a limit. See docs/decoding.md.
 *
 * A decoder serves one thread. Without a target, the pixels may lie in memory that the next `decode` reuses: copy them to
 * keep them.
 *
 * @throws BadSampleError, in one sentence, for an image that cannot be decoded or exceeds a limit; UsageError for bad
 * options
 *
 * @example
 * const decoder = new Decoder({ maxPixels: 1e6 });
 * const { width, height, data } = await decoder.decode({ kind: 'file', path: 'photo.jpg' });
 * [width, height, data.length >= 3 * width * height] // → [48, 32, true]
 * decoder.dispose();
 */
export class Decoder {
  private readonly options: z.output<typeof decoderSchema>;
  private readonly files: ImageFiles;
  private readonly header = new JpegHeader();
  private opened: TurboJpeg | null | undefined;
  /** Decodes the whole with the fast DCT. */
  private readonly turbo: Turbo | undefined = loadTurbo();
  private readonly turboOptions = { format: this.turbo?.FORMAT_RGB ?? 0 };
  private readonly profiles = new Profiles();
  private colors: Conversion;
  private scratch = Buffer.allocUnsafeSlow(64 << 10);
  private stored = Buffer.allocUnsafeSlow(0);

  constructor(options: DecoderOptions = {}) {
    this.options = parseOptions('decoder', decoderSchema, options);
    this.files = new ImageFiles(this.options.maxBytes, this.options.maxOpenFiles);
  }

  /**
   * The pixels of an image: at once for plain JPEG and for pixels, else a promise.
   * `target` gives the memory to write to; `name` is what complaints call the sample. Where `look` says what is seen of
   * the image, the rest may hold anything, and the image may be `shrunk`.
   */
  decode(ref: ImageRef, target?: Target, name?: string, look?: Look): Pixels | Promise<Pixels> {
    checkReference(ref, name);
    if (ref.kind === 'pixels') {
      const memory = (n: number) => this.memory(n, target);
      return givenPixels(ref, this.options.background, memory, target === undefined, name);
    }
    if (ref.kind === 'raw') {
      const memory = (n: number) => this.memory(n, target);
      return rawPixels(ref, this.files, this.options, memory, name ?? nameOf(ref), look);
    }
    const bytes = this.files.read(ref, name);
    if (bytes[0] === 0xff && bytes[1] === 0xd8) {
      this.checkJpeg(bytes, ref, name);
      return this.decodeJpeg(bytes, ref, target, name, look);
    }
    return this.decodeOther(bytes, ref, target, name);
  }

  /** Upright size and format from the header alone: at once for JPEG and TIFF, and for most PNG and WebP. */
  probe(ref: ImageRef, name?: string): ImageInfo | Promise<ImageInfo> {
    checkReference(ref, name);
    if (ref.kind === 'pixels' || ref.kind === 'raw')
      return { width: ref.width, height: ref.height, format: 'pixels' };
    const bytes = this.files.read(ref, name);
    const format = this.format(bytes, ref, name);
    if (format === 'jpeg') {
      this.checkJpeg(bytes, ref, name);
      const { width, height, orientation } = this.header;
      return swapsSides(orientation) ? { width: height, height: width, format } : { width, height, format };
    }
    if (isPlainFormat(format))
      return { ...plainSize(bytes, format, this.options.maxPixels, name ?? nameOf(ref)), format };
    const size = this.inspect(bytes, format, ref, name);
    if (size?.sure) return { width: size.width, height: size.height, format };
    return sizeWithSharp(this.own(bytes), this.options).then(
      (upright) => ({ ...upright, format }),
      (error: unknown) => {
        throw badSample(name ?? nameOf(ref), reasonOf(error, format, this.options), error);
      },
    );
  }

  /** A mask as ids by pixel, exactly as stored; `name` is what complaints call it. */
  ids(ref: MaskRef, name: string): Ids {
    return decodeIds(ref, name, this.files, this.options.maxPixels);
  }

  dispose(): void {
    this.files.dispose();
    this.opened?.dispose();
    this.opened = undefined;
  }

  /** Decodes parts, at any fraction, with either DCT. Opened for the first JPEG. */
  private get library(): TurboJpeg | undefined {
    this.opened ??= openTurboJpeg() ?? null;
    return this.opened ?? undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Reads the header and refuses what would cost too much, or cannot be read. */
  private checkJpeg(bytes: Buffer, ref: ImageRef, name: string | undefined): void {
    const { header, options } = this;
    const fault = header.read(bytes);
    if (fault)
      throw badSample(name ?? nameOf(ref), `this JPEG cannot be decoded: ${fault}; restore it or remove it`);
    const { width, height, precision, components } = header;
    if (precision !== 8 || components === 2 || components > 4) {
      const what = precision === 8 ? `${components} channels a pixel` : `${precision} bits a sample`;
      throw badSample(name ?? nameOf(ref), `this JPEG has ${what}; save it with 8 bits in gray or RGB`);
    }
    if (width * height > options.maxPixels) {
      throw badSample(name ?? nameOf(ref), tooManyPixels(options.maxPixels, width, height));
    }
    if (header.inFirstScan === header.components && header.frame !== 0xc2) return;
    const scans = countScans(bytes, header);
    if (scans * width * height > options.maxScannedPixels) {
      throw badSample(
        name ?? nameOf(ref),
        `its ${scans} progressive scans of ${width}×${height} pixels are more than maxScannedPixels allows (${options.maxScannedPixels}); save it as a baseline JPEG, raise maxScannedPixels, or remove it`,
      );
    }
  }

  /** By libjpeg-turbo where it can; it also finds damage, which libvips does not report. */
  private decodeJpeg(
    bytes: Buffer,
    ref: ImageRef,
    target: Target | undefined,
    name: string | undefined,
    look: Look | undefined,
  ): Pixels | Promise<Pixels> {
    const { components, frame, usualSampling, steps } = this.header;
    const { dct } = this.options;
    const plain = (components === 1 || components === 3) && frame <= 0xc2 && usualSampling;
    const turbo = plain && (this.library ?? this.turbo) !== undefined;
    const converted = this.findColors(bytes);
    const fast = dct === 'fast' || (dct === 'auto' && steps >= NEARLY_LOSSLESS);
    const direct = turbo && converted && (this.library !== undefined || fast);
    const pixels =
      turbo && this.decodeTurbo(bytes, direct ? target : undefined, fast, direct ? look : undefined);
    if (direct && pixels) return pixels;
    const known = { colors: this.colors, cmyk: components === 4, orientation: this.header.orientation };
    const where = name ?? nameOf(ref);
    const whole = hasEnd(bytes, this.header);
    const cut = () => badSample(where, 'this JPEG is cut short; restore the image or remove it');
    if (turbo && !pixels) {
      if (!whole) throw cut();
      return this.decodeDamaged(this.own(bytes), known, target, where);
    }
    const own = this.own(bytes);
    return decodeWithSharp(own, this.options, known, target).catch((error: unknown) => {
      if (isLate(error) || isTooLarge(error))
        throw badSample(where, reasonOf(error, 'jpeg', this.options), error);
      if (!whole) throw cut();
      return this.decodeDamaged(own, known, target, where);
    });
  }

  /** What can be read of a damaged JPEG, or the advice to ask for that, where there is something. */
  private async decodeDamaged(bytes: Uint8Array, known: Known, target: Target | undefined, where: string) {
    const keep = this.options.damaged === 'keep';
    const read = decodeWithSharp(bytes, this.options, { ...known, damaged: true }, keep ? target : undefined);
    const pixels = await read.catch((error: unknown) => {
      const reason = isLate(error) ? reasonOf(error, 'jpeg', this.options) : damagedBeyond(error);
      throw badSample(where, reason, error);
    });
    if (keep) return pixels;
    throw badSample(
      where,
      "this JPEG is damaged; restore the image, remove it, or set damaged: 'keep' in the decoder's options",
    );
  }

  /** Sets `colors`; false where only libvips can convert them. */
  private findColors(bytes: Buffer): boolean {
    const { hasProfile, components, profileStart, profileEnd } = this.header;
    this.colors = undefined;
    if (!hasProfile || this.options.profiles === 'ignore') return true;
    const conversion = this.profiles.toSrgb(bytes.subarray(profileStart, profileEnd));
    if (conversion === 'same' ? components !== 4 : components === 3) this.colors = conversion;
    return this.colors !== undefined;
  }

  /** Undefined where libjpeg-turbo refuses: it has one unhelpful message for all reasons. */
  private decodeTurbo(
    bytes: Buffer,
    target: Target | undefined,
    fast: boolean,
    look: Look | undefined,
  ): Pixels | undefined {
    const { header } = this;
    const { orientation } = header;
    const swap = swapsSides(orientation);
    const fullWidth = swap ? header.height : header.width;
    const fullHeight = swap ? header.width : header.height;
    const seen = this.library && look?.(fullWidth, fullHeight);
    const view = seen && this.viewed(seen, fullWidth, fullHeight);
    const shrunk = view?.shrunk;
    const window = this.options.verify === 'seen' ? view?.window : undefined;
    const width = shrunk ? shrunk.width : fullWidth;
    const height = shrunk ? shrunk.height : fullHeight;
    const size = 3 * width * height;
    const upright = orientation === 1;
    const memory = upright ? this.memory(size, target) : this.storedMemory(size);
    const data = memory.length === size ? memory : memory.subarray(0, size);
    const decoded = this.library
      ? this.decodeByLibrary(bytes, data, swap ? height : width, swap ? width : height, fast, shrunk, window)
      : this.decodeByBinding(bytes, data);
    if (!decoded) return undefined;
    if (upright) return { data, width, height, channels: 3, shrunk };
    const turned = this.memory(size, target).subarray(0, size);
    orient(data, swap ? height : width, swap ? width : height, orientation, turned, window);
    return { data: turned, width, height, channels: 3, shrunk };
  }

  /** What is to be decoded of an image of this size, in the pixels that are decoded. */
  private viewed(seen: View, width: number, height: number): { window: Window; shrunk?: Shrunk } {
    if (seen.shrink === 1 || !this.options.scaledDecode) return seen;
    return shrunkView(seen, width, height, this.header.orientation);
  }

  /** Width and height are those of the stored image as it is decoded. */
  private decodeByLibrary(
    bytes: Buffer,
    data: Buffer,
    width: number,
    height: number,
    fast: boolean,
    shrunk: Shrunk | undefined,
    window: Window | undefined,
  ): boolean {
    const { header, colors } = this;
    const { unitWidth, unitHeight } = header;
    const shrink = shrunk ? shrunk.shrink : 1;
    const part =
      window &&
      partFor(
        storedWindow(window, width, height, header.orientation),
        width,
        height,
        Math.ceil(unitWidth / shrink),
        Math.ceil(unitHeight / shrink),
      );
    const wanted: Wanted = {
      width: header.width,
      height: header.height,
      fast,
      shrink,
      part,
      unitWidth,
      unitHeight,
    };
    if (!(this.library as TurboJpeg).decode(bytes, data, wanted)) return false;
    if (typeof colors !== 'function') return true;
    const { x, y, w, h } = part ?? { x: 0, y: 0, w: width, h: height };
    if (w === width) colors(data.subarray(3 * width * y, 3 * width * (y + h)));
    else
      for (let row = y; row < y + h; row++)
        colors(data.subarray(3 * (row * width + x), 3 * (row * width + x + w)));
    return true;
  }

  private decodeByBinding(bytes: Buffer, data: Buffer): boolean {
    try {
      const { width, height } = (this.turbo as Turbo).decompressSync(bytes, data, this.turboOptions);
      if (width !== this.header.width || height !== this.header.height) return false;
      if (typeof this.colors === 'function') this.colors(data);
      return true;
    } catch {
      return false;
    }
  }

  private decodeOther(
    bytes: Buffer,
    ref: ImageRef,
    target: Target | undefined,
    name: string | undefined,
  ): Pixels | Promise<Pixels> {
    const format = this.format(bytes, ref, name);
    if (isPlainFormat(format))
      return decodePlain(bytes, format, this.options, name ?? nameOf(ref), (n) => this.memory(n, target));
    const known = this.inspect(bytes, format, ref, name)?.known ?? {};
    return decodeWithSharp(this.own(bytes), this.options, known, target).catch((error: unknown) => {
      throw badSample(name ?? nameOf(ref), reasonOf(error, format, this.options), error);
    });
  }

  /** The header, where it can be read here; refuses what cannot be decoded rightly, or would cost too much. */
  private inspect(
    bytes: Buffer,
    format: ImageFormat,
    ref: ImageRef,
    name: string | undefined,
  ): Header | undefined {
    const header = headerOf(bytes, format);
    if (!header) return undefined;
    const { width, height, fault } = header;
    if (fault) throw badSample(name ?? nameOf(ref), `this ${format.toUpperCase()} ${fault}`);
    if (width * height > this.options.maxPixels) {
      throw badSample(name ?? nameOf(ref), tooManyPixels(this.options.maxPixels, width, height));
    }
    return header;
  }

  private format(bytes: Buffer, ref: ImageRef, name: string | undefined): ImageFormat {
    const format = formatOf(bytes);
    if (format) return format;
    throw badSample(
      name ?? nameOf(ref),
      `expected a JPEG, PNG, WebP, AVIF, TIFF, GIF, BMP or PNM but found ${looksLike(bytes)}; convert the image or remove it`,
    );
  }

  private memory(bytes: number, target: Target | undefined): Buffer {
    if (target) {
      const view = target(bytes);
      return Buffer.isBuffer(view) ? view : Buffer.from(view.buffer, view.byteOffset, view.byteLength);
    }
    if (bytes <= this.scratch.length) return this.scratch;
    if (bytes > KEPT) return Buffer.allocUnsafeSlow(bytes);
    this.scratch = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(bytes)));
    return this.scratch;
  }

  /** Room for pixels as stored, before they are turned upright. */
  private storedMemory(bytes: number): Buffer {
    if (bytes <= this.stored.length) return this.stored;
    const memory = Buffer.allocUnsafeSlow(bytes);
    if (bytes <= KEPT) this.stored = memory;
    return memory;
  }

  /** Bytes that stay while a promise is pending. */
  private own(bytes: Buffer): Uint8Array {
    const borrowed = this.files.shared(bytes) || !(bytes.buffer instanceof ArrayBuffer);
    return borrowed ? Uint8Array.from(bytes) : bytes;
  }
}
