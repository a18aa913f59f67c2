import { UsageError } from '../core/index.js';

/** Options of `halfBlocks`. */
export interface HalfBlockOptions {
  /** Bits of color that the terminal has: 24 (default), or 8 for the 256 colors of xterm. */
  readonly depth?: 8 | 24;
}

/**
 * A picture as text for a terminal: each character is two pixels, one above the other, by colors of text and background.
 *
 * @param pixels RGB bytes, row by row
 * @param width pixels in a row, which is also the number of columns
 * @throws UsageError where the bytes are no whole number of rows
 *
 * @example
 * halfBlocks(Uint8Array.of(255, 0, 0, 0, 0, 255), 1) // → '\u001b[38;2;255;0;0m\u001b[48;2;0;0;255m▀\u001b[0m'
 */
export function halfBlocks(pixels: Uint8Array, width: number, { depth = 24 }: HalfBlockOptions = {}): string {
  const height = pixels.length / 3 / width;
  if (!(width >= 1) || !Number.isInteger(height)) {
    throw new UsageError(
      `halfBlocks: expected whole rows of ${width} pixels of 3 bytes but received ${pixels.length} bytes; give width as it is`,
    );
  }
  const color = (x: number, y: number) => {
    const at = 3 * (y * width + x);
    const [r, g, b] = [pixels[at] as number, pixels[at + 1] as number, pixels[at + 2] as number];
    return depth === 24 ? `2;${r};${g};${b}` : `5;${inCube(r, g, b)}`;
  };
  const lines: string[] = [];
  for (let y = 0; y < height; y += 2) {
    let line = '';
    for (let x = 0; x < width; x++) {
      const below = y + 1 < height ? `\u001b[48;${color(x, y + 1)}m` : '\u001b[49m';
      line += `\u001b[38;${color(x, y)}m${below}▀`;
    }
    lines.push(`${line}\u001b[0m`);
  }
  return lines.join('\n');
}

/** The nearest color of xterm's cube of 6 × 6 × 6, whose levels are 0, 95, 135, 175, 215 and 255. */
function inCube(...rgb: [number, number, number]): number {
  const [r, g, b] = rgb.map((v) => (v < 48 ? 0 : v < 115 ? 1 : Math.floor((v - 35) / 40))) as [
    number,
    number,
    number,
  ];
  return 16 + 36 * r + 6 * g + b;
}
