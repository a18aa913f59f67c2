import { expected, UsageError } from '../core/errors.js';

/**
 * Pictures as text for a terminal, as many side by side as fit: each character is two pixels, one above the other, by the
 * colors of text and background.
 *
 * @param pictures RGB bytes of squares, row by row
 * @param columns of the terminal
 * @param depth bits of color: 24, or 8 for the 256 colors of xterm
 * @returns an empty text if none fits
 * @throws UsageError for a picture of another size
 */
export function halfBlocks(
  pictures: readonly Uint8Array[],
  side: number,
  columns: number,
  depth: 8 | 24 = 24,
): string {
  checkSquares(pictures, side);
  const shown = pictures.slice(0, Math.floor((columns + 1) / (side + 1)));
  if (shown.length === 0) return '';
  const color = (pixels: Uint8Array, x: number, y: number) => {
    const at = 3 * (y * side + x);
    const [r, g, b] = [pixels[at] as number, pixels[at + 1] as number, pixels[at + 2] as number];
    return depth === 24 ? `2;${r};${g};${b}` : `5;${inCube(r, g, b)}`;
  };
  const rowOf = (pixels: Uint8Array, y: number) => {
    let row = '';
    for (let x = 0; x < side; x++) {
      const below = y + 1 < side ? `\u001b[48;${color(pixels, x, y + 1)}m` : '\u001b[49m';
      row += `\u001b[38;${color(pixels, x, y)}m${below}▀`;
    }
    return `${row}\u001b[0m`;
  };
  const rows = Array.from({ length: Math.ceil(side / 2) }, (_, i) => 2 * i);
  return rows.map((y) => shown.map((pixels) => rowOf(pixels, y)).join(' ')).join('\n');
}

/** @throws UsageError unless all are RGB bytes of squares of `side` pixels */
export function checkSquares(pictures: readonly Uint8Array[], side: number): void {
  if (pictures.length > 0 && !(Number.isInteger(side) && side > 0))
    throw new UsageError(expected('pictures: side', 'a whole number of pixels', side));
  const bytes = 3 * side * side;
  for (const [i, { length }] of pictures.entries())
    if (length !== bytes)
      throw new UsageError(
        `pictures: picture ${i + 1}: expected ${bytes} RGB bytes, ${side}×${side} pixels, but received ${length}; cut or resize it to a square of that side`,
      );
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
