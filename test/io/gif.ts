/** GIFs with whatever screen and frame a test asks for. */

export interface Gif {
  readonly screen: readonly [width: number, height: number];
  readonly frame: readonly [left: number, top: number, width: number, height: number];
  /** Palette index of each pixel of the frame, 0..3; default all 0. */
  readonly pixels?: readonly number[];
  readonly transparent?: number;
}

/** Red, green, blue, white. */
const PALETTE = [255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255];

export function gif({ screen, frame, pixels, transparent }: Gif): Buffer {
  const u16 = (...values: number[]) => values.flatMap((v) => [v & 255, v >> 8]);
  const control = transparent === undefined ? [] : [0x21, 0xf9, 4, 1, 0, 0, transparent, 0];
  const [, , width, height] = frame;
  const data = coded(pixels ?? new Array<number>(width * height).fill(0));
  const blocks: number[] = [];
  for (let at = 0; at < data.length; at += 255) {
    const block = data.slice(at, at + 255);
    blocks.push(block.length, ...block);
  }
  return Buffer.from([
    ...Buffer.from('GIF89a'),
    ...u16(...screen),
    0xf1, // a palette of four colors
    0,
    0,
    ...PALETTE,
    ...control,
    0x2c,
    ...u16(...frame),
    0,
    2, // bits of a palette index
    ...blocks,
    0,
    0x3b,
  ]);
}

/** LZW codes of three bits: the table is cleared before it would need more. */
function coded(pixels: readonly number[]): number[] {
  const codes = pixels.flatMap((pixel, i) => (i % 2 === 0 ? [4, pixel] : [pixel]));
  codes.push(5);
  const bytes: number[] = [];
  codes.forEach((code, i) => {
    for (let b = 0; b < 3; b++) {
      const bit = 3 * i + b;
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) | (((code >> b) & 1) << (bit & 7));
    }
  });
  return bytes;
}
