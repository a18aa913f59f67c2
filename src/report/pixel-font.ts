/** Letters of 3 × 5 pixels, for captions on machines without fonts: capitals, digits and a few signs. */

/** Rows from top to bottom, three bits each, the leftmost pixel first. */
const GLYPHS: Readonly<Record<string, readonly [number, number, number, number, number]>> = {
  A: [2, 5, 7, 5, 5],
  B: [6, 5, 6, 5, 6],
  C: [3, 4, 4, 4, 3],
  D: [6, 5, 5, 5, 6],
  E: [7, 4, 6, 4, 7],
  F: [7, 4, 6, 4, 4],
  G: [3, 4, 5, 5, 3],
  H: [5, 5, 7, 5, 5],
  I: [7, 2, 2, 2, 7],
  J: [1, 1, 1, 5, 2],
  K: [5, 5, 6, 5, 5],
  L: [4, 4, 4, 4, 7],
  M: [5, 7, 7, 5, 5],
  N: [6, 5, 5, 5, 5],
  O: [2, 5, 5, 5, 2],
  P: [6, 5, 6, 4, 4],
  Q: [2, 5, 5, 6, 3],
  R: [6, 5, 6, 5, 5],
  S: [3, 4, 2, 1, 6],
  T: [7, 2, 2, 2, 2],
  U: [5, 5, 5, 5, 7],
  V: [5, 5, 5, 5, 2],
  W: [5, 5, 7, 7, 5],
  X: [5, 5, 2, 5, 5],
  Y: [5, 5, 2, 2, 2],
  Z: [7, 1, 2, 4, 7],
  0: [7, 5, 5, 5, 7],
  1: [2, 6, 2, 2, 7],
  2: [6, 1, 2, 4, 7],
  3: [6, 1, 2, 1, 6],
  4: [5, 5, 7, 1, 1],
  5: [7, 4, 6, 1, 6],
  6: [3, 4, 7, 5, 7],
  7: [7, 1, 2, 2, 2],
  8: [7, 5, 7, 5, 7],
  9: [7, 5, 7, 1, 6],
  '-': [0, 0, 7, 0, 0],
  _: [0, 0, 0, 0, 7],
  '.': [0, 0, 0, 0, 2],
  ',': [0, 0, 0, 2, 4],
  ':': [0, 2, 0, 2, 0],
  '/': [1, 1, 2, 4, 4],
  '%': [5, 1, 2, 4, 5],
  '+': [0, 2, 7, 2, 0],
  '(': [1, 2, 2, 2, 1],
  ')': [4, 2, 2, 2, 4],
  ' ': [0, 0, 0, 0, 0],
};

const UNKNOWN = [7, 7, 7, 7, 7] as const;
const ADVANCE = 4;
export const TEXT_HEIGHT = 5;

export const textWidth = (text: string): number => Math.max(0, ADVANCE * text.length - 1);

/** Sets the pixels of a text on a raster [H, W, 3]; (x, y) is its top left corner. */
export function drawText(
  raster: { readonly data: Uint8Array; readonly width: number },
  text: string,
  x: number,
  y: number,
  ink: readonly [number, number, number],
): void {
  [...text.toUpperCase()].forEach((letter, i) => {
    const glyph = GLYPHS[letter] ?? UNKNOWN;
    glyph.forEach((bits, row) => {
      for (let column = 0; column < 3; column++) {
        if (bits & (4 >> column))
          raster.data.set(ink, 3 * ((y + row) * raster.width + x + ADVANCE * i + column));
      }
    });
  });
}
