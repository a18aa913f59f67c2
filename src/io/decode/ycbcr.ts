/** Luma and chroma, as TIFF stores them (TIFF 6.0, section 21), to RGB. */

export interface Ycbcr {
  /** Shares of red, green and blue in luma. */
  readonly coefficients: readonly number[];
  /** The codes of black and white: for luma, and of zero and full for blue and red chroma. */
  readonly reference: readonly number[];
}

/** What JPEG uses (ITU-R BT.601, full range), and TIFF by default. */
export const JFIF: Ycbcr = {
  coefficients: [0.299, 0.587, 0.114],
  reference: [0, 255, 128, 255, 128, 255],
};

/** uint8 [N, 3] in place; colors outside RGB are clipped. */
export function ycbcrToRgb(pixels: Uint8Array, { coefficients, reference }: Ycbcr): void {
  const [red, green, blue] = coefficients as [number, number, number];
  const [black, white, noBlue, fullBlue, noRed, fullRed] = reference as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const levels = (zero: number, full: number, range: number) =>
    Float64Array.from({ length: 256 }, (_, code) => ((code - zero) * range) / (full - zero || 1));
  const luma = levels(black, white, 255);
  const cb = levels(noBlue, fullBlue, 127 * (2 - 2 * blue));
  const cr = levels(noRed, fullRed, 127 * (2 - 2 * red));
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    const y = luma[pixels[i] as number] as number;
    const b = cb[pixels[i + 1] as number] as number; // blue − y
    const r = cr[pixels[i + 2] as number] as number;
    pixels[i] = clipped(y + r);
    pixels[i + 1] = clipped(y - (blue * b + red * r) / green);
    pixels[i + 2] = clipped(y + b);
  }
}

const clipped = (v: number): number => (v <= 0 ? 0 : v >= 255 ? 255 : (v + 0.5) | 0);
