/** Decoded pixels, and other channel counts brought to RGB. */
import type { Shrunk } from '../../core/view.js';

/** uint8 [H, W, 3], sRGB, values 0..255. */
export interface Pixels {
  /** Exactly height × width × 3 bytes. */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: 3;
  /** Present where they are a fraction of the image. */
  readonly shrunk?: Shrunk;
}

/** Memory for decoded pixels: a view of at least that many bytes, on a SharedArrayBuffer if needed. */
export type Target = (bytes: number) => Uint8Array;

export type Rgb = readonly [number, number, number];

/** Gray (1), gray with alpha (2), RGB (3) or RGB with alpha (4) to RGB; alpha blends over the background. */
export function toRgb(
  src: Uint8Array,
  channels: number,
  pixels: number,
  background: Rgb,
  dst: Uint8Array,
): void {
  const colors = channels < 3 ? 1 : 3;
  const alpha = channels === 2 || channels === 4;
  for (let i = 0, from = 0, to = 0; i < pixels; i++, from += channels, to += 3) {
    const a = alpha ? (src[from + colors] as number) : 255;
    for (let c = 0; c < 3; c++) {
      const value = src[from + (colors === 1 ? 0 : c)] as number;
      dst[to + c] = a === 255 ? value : Math.round((value * a + (background[c] as number) * (255 - a)) / 255);
    }
  }
}

/** Inks (0 none, 255 full) to light, as Pillow does: (255 − K)(255 − C) / 255, rounded. */
export function cmykToRgb(src: Uint8Array, pixels: number, dst: Uint8Array): void {
  for (let i = 0, from = 0, to = 0; i < pixels; i++, from += 4, to += 3) {
    const light = 255 - (src[from + 3] as number);
    for (let c = 0; c < 3; c++)
      dst[to + c] = light - Math.floor(((src[from + c] as number) * light + 127) / 255);
  }
}
