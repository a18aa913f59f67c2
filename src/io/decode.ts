/**
 * An image reference to RGB pixels: uint8 [H, W, 3], sRGB, upright.
 *
 * Plain JPEG (8 bits, grey or three components, at most a simple colour profile) is decoded by libjpeg-turbo
 * at once, without a promise, with its fast DCT (44 dB from the accurate one on photos); BMP and PNM are decoded here,
 * at once too (`decode-plain.ts`); all else by libvips (`decode-sharp.ts`), with a promise. Headers are checked first: no
 * limit is trusted to a decoder. Whatever fails is a `BadSampleError` of one sentence.
 *
 * A decoder serves one thread. Without a target, pixels may lie in memory that the next `decode` reuses.
 */
import { z } from 'zod';
import { type ImageRef, type MaskRef, parseOptions } from '../core/index.js';
import { decodeIds } from './decode-ids.js';
import { decodePlain, isPlainFormat, plainSize } from './decode-plain.js';
import { decodeWithSharp, sizeWithSharp, tooManyPixels } from './decode-sharp.js';
import { ImageFiles } from './files.js';
import { sizeOf } from './headers.js';
import { Profiles, type ToSrgb } from './icc.js';
import { countScans, hasEnd, JpegHeader } from './jpeg-header.js';
import { loadTurbo, type Turbo } from './native.js';
import { orient, swapsSides } from './orient.js';
import { type Pixels, type Target, toRgb } from './pixels.js';
import type { Ids } from './png-ids.js';
import { badSample, nameOf } from './problems.js';
import { checkReference } from './reference.js';
import { formatOf, type ImageFormat, looksLike } from './sniff.js';

const level = z.number().int().min(0).max(255);

export const decoderSchema = z.strictObject({
  /** Images with more pixels are refused. */
  maxPixels: z.number().int().min(1).default(64e6),
  /** Encoded images of more bytes are refused. */
  maxBytes: z.number().int().min(1).default(256e6),
  /** Pixels times scans of a progressive JPEG: a few bytes can ask for hours of scans. */
  maxScannedPixels: z.number().int().min(1).default(1e9),
  /** Seconds that an image may take outside libjpeg-turbo. */
  timeout: z.number().positive().default(30),
  /** What shows through transparent pixels. */
  background: z.tuple([level, level, level]).default([0, 0, 0]),
  /** Embedded colour profiles other than sRGB: converted (slower), or ignored as Pillow does. */
  profiles: z.enum(['convert', 'ignore']).default('convert'),
  /** JPEG that is complete but damaged: refused, or kept as far as it can be read. */
  damaged: z.enum(['refuse', 'keep']).default('refuse'),
  /** Archives kept open. */
  maxOpenFiles: z.number().int().min(1).default(64),
});

export type DecoderOptions = z.input<typeof decoderSchema>;

export interface ImageInfo {
  readonly width: number;
  readonly height: number;
  readonly format: ImageFormat | 'pixels';
}

/** Decoded images up to this size share the decoder's own memory; larger ones get theirs and it is not kept. */
const KEPT = 16 << 20;

export class Decoder {
  private readonly options: z.output<typeof decoderSchema>;
  private readonly files: ImageFiles;
  private readonly header = new JpegHeader();
  private readonly turbo: Turbo | undefined = loadTurbo();
  private readonly turboOptions = { format: this.turbo?.FORMAT_RGB ?? 0 };
  private readonly profiles = new Profiles();
  private toSrgb: ToSrgb | undefined;
  private scratch = Buffer.allocUnsafeSlow(64 << 10);
  private stored = Buffer.allocUnsafeSlow(0);

  constructor(options: DecoderOptions = {}) {
    this.options = parseOptions('decoder', decoderSchema, options);
    this.files = new ImageFiles(this.options.maxBytes, this.options.maxOpenFiles);
  }

  /**
   * The pixels of an image: at once for plain JPEG and for pixels, else a promise.
   * `target` gives the memory to write to; `name` is what complaints call the sample.
   */
  decode(ref: ImageRef, target?: Target, name?: string): Pixels | Promise<Pixels> {
    checkReference(ref, name);
    if (ref.kind === 'pixels') return this.given(ref, target, name);
    const bytes = this.files.read(ref, name);
    if (bytes[0] === 0xff && bytes[1] === 0xd8) {
      this.checkJpeg(bytes, ref, name);
      if (this.isPlain(bytes)) {
        const pixels = this.decodeTurbo(bytes, target);
        if (pixels) return pixels;
        if (this.options.damaged === 'refuse' || !hasEnd(bytes, this.header))
          throw this.broken(bytes, ref, name);
      }
    }
    return this.decodeOther(bytes, ref, target, name);
  }

  /** Upright size and format from the header alone: at once for JPEG, and for most PNG, GIF and WebP. */
  probe(ref: ImageRef, name?: string): ImageInfo | Promise<ImageInfo> {
    checkReference(ref, name);
    if (ref.kind === 'pixels') return { width: ref.width, height: ref.height, format: 'pixels' };
    const bytes = this.files.read(ref, name);
    const format = this.format(bytes, ref, name);
    if (format === 'jpeg') {
      this.checkJpeg(bytes, ref, name);
      const { width, height, orientation } = this.header;
      return swapsSides(orientation) ? { width: height, height: width, format } : { width, height, format };
    }
    if (isPlainFormat(format))
      return { ...plainSize(bytes, format, this.options.maxPixels, name ?? nameOf(ref)), format };
    const size = sizeOf(bytes, format);
    if (size && !size.turned) return { width: size.width, height: size.height, format };
    return sizeWithSharp(this.own(bytes), format, this.options, name ?? nameOf(ref)).then((s) => ({
      ...s,
      format,
    }));
  }

  /** A mask as ids by pixel, exactly as stored; `name` is what complaints call it. */
  ids(ref: MaskRef, name: string): Ids {
    return decodeIds(ref, name, this.files, this.options.maxPixels);
  }

  dispose(): void {
    this.files.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  /** Reads the header and refuses what would cost too much. */
  private checkJpeg(bytes: Buffer, ref: ImageRef, name: string | undefined): void {
    const { header, options } = this;
    const fault = header.read(bytes);
    if (fault)
      throw badSample(name ?? nameOf(ref), `this JPEG cannot be decoded: ${fault}; restore it or remove it`);
    const { width, height } = header;
    if (width * height > options.maxPixels) {
      throw badSample(name ?? nameOf(ref), tooManyPixels(options.maxPixels, width, height));
    }
    if (header.inFirstScan === header.components && header.frame !== 0xc2) return;
    const scans = countScans(bytes, header);
    if (scans * width * height > options.maxScannedPixels) {
      throw badSample(
        name ?? nameOf(ref),
        `its ${scans} progressive scans of ${width}×${height} pixels are more than maxScannedPixels allows (${options.maxScannedPixels}); save it as a baseline JPEG, or remove it`,
      );
    }
  }

  /** True for what libjpeg-turbo decodes; `toSrgb` is then set where its colours need converting. */
  private isPlain(bytes: Buffer): boolean {
    const { precision, components, frame, profile, usualSampling, profileStart, profileEnd } = this.header;
    const three = components === 3;
    this.toSrgb = undefined;
    if (!this.turbo || precision !== 8 || !(three || components === 1) || frame > 0xc2 || !usualSampling)
      return false;
    if (profile !== 'other' || this.options.profiles === 'ignore') return true;
    if (three) this.toSrgb = this.profiles.toSrgb(bytes.subarray(profileStart, profileEnd));
    return this.toSrgb !== undefined;
  }

  /** Undefined where libjpeg-turbo refuses: it has one unhelpful message for all reasons. */
  private decodeTurbo(bytes: Buffer, target: Target | undefined): Pixels | undefined {
    const { header } = this;
    const { width, height, orientation } = header;
    const size = 3 * width * height;
    const upright = orientation === 1;
    const memory = upright ? this.memory(size, target) : this.storedMemory(size);
    let data: Buffer;
    try {
      const image = (this.turbo as Turbo).decompressSync(bytes, memory, this.turboOptions);
      if (image.width !== width || image.height !== height) return undefined;
      data = image.data;
      this.toSrgb?.(data);
    } catch {
      return undefined;
    }
    if (upright) return { data, width, height, channels: 3 };
    const turned = this.memory(size, target).subarray(0, size);
    orient(data, width, height, orientation, turned);
    const swap = swapsSides(orientation);
    return { data: turned, width: swap ? height : width, height: swap ? width : height, channels: 3 };
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
    const size = sizeOf(bytes, format);
    if (size && size.width * size.height > this.options.maxPixels) {
      throw badSample(name ?? nameOf(ref), tooManyPixels(this.options.maxPixels, size.width, size.height));
    }
    return decodeWithSharp(this.own(bytes), format, this.options, name ?? nameOf(ref), target);
  }

  private format(bytes: Buffer, ref: ImageRef, name: string | undefined): ImageFormat {
    const format = formatOf(bytes);
    if (format) return format;
    throw badSample(
      name ?? nameOf(ref),
      `expected a JPEG, PNG, WebP, AVIF, TIFF, GIF, BMP or PNM but found ${looksLike(bytes)}; convert the image or remove it`,
    );
  }

  private broken(bytes: Buffer, ref: ImageRef, name: string | undefined) {
    const state = hasEnd(bytes, this.header)
      ? "is damaged; restore the image, remove it, or set damaged: 'keep'"
      : 'is cut short; restore the image or remove it';
    return badSample(name ?? nameOf(ref), `this JPEG ${state}`);
  }

  /** Pixels that were given: RGB as it is, other channel counts converted. */
  private given(
    ref: ImageRef & { kind: 'pixels' },
    target: Target | undefined,
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
    if (channels === 3 && !target) return { data, width, height, channels };
    const out = this.memory(3 * pixels, target).subarray(0, 3 * pixels);
    if (channels === 3) out.set(data);
    else toRgb(data, channels, pixels, this.options.background, out);
    return { data: out, width, height, channels: 3 };
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
