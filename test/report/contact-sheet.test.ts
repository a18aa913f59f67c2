import { describe, expect, it } from 'vitest';
import { contactSheet, type Picture } from '../../src/report/contact-sheet.js';
import { drawText, textWidth } from '../../src/report/pixel-font.js';

const red = (width: number, height: number): Picture => ({
  data: Uint8Array.from({ length: 3 * width * height }, (_, i) => (i % 3 === 0 ? 255 : 0)),
  width,
  height,
});
const options = { gap: 2, scale: 1, background: [1, 2, 3] as const };
const pixel = ({ data, width }: { data: Uint8Array; width: number }, x: number, y: number) => [
  ...data.subarray(3 * (y * width + x), 3 * (y * width + x) + 3),
];

describe('contactSheet', () => {
  it('puts pictures row after row, as square as it goes', () => {
    const sheet = contactSheet([red(4, 3), red(4, 3), red(4, 3), red(4, 3), red(4, 3)], options);
    expect([sheet.columns, sheet.width, sheet.height]).toEqual([3, 3 * 6 + 2, 2 * 5 + 2]);
    expect(sheet.cells.map(({ x, y }) => [x, y])).toEqual([
      [2, 2],
      [8, 2],
      [14, 2],
      [2, 7],
      [8, 7],
    ]);
    expect(pixel(sheet, 2, 2)).toEqual([255, 0, 0]);
    expect(pixel(sheet, 5, 4)).toEqual([255, 0, 0]);
    expect(pixel(sheet, 6, 4)).toEqual([1, 2, 3]);
    expect(pixel(sheet, 14, 7)).toEqual([1, 2, 3]);
  });

  it('copies every pixel, enlarged by whole factors', () => {
    const data = Uint8Array.from({ length: 12 }, (_, i) => i * 20);
    const sheet = contactSheet([{ data, width: 2, height: 2 }], { ...options, scale: 3 });
    for (let y = 0; y < 6; y++) {
      for (let x = 0; x < 6; x++) {
        const at = 3 * (2 * Math.floor(y / 3) + Math.floor(x / 3));
        expect(pixel(sheet, 2 + x, 2 + y)).toEqual([...data.subarray(at, at + 3)]);
      }
    }
  });

  it('centers pictures of other sizes in their cells', () => {
    const sheet = contactSheet([red(6, 6), red(2, 4)], options);
    expect(sheet.cells[1]).toEqual({ x: 2 + 6 + 2 + 2, y: 3, width: 2, height: 4 });
  });

  it('enlarges small pictures to about 96 pixels, and leaves large ones', () => {
    expect(contactSheet([red(32, 32)]).cells[0]?.width).toBe(96);
    expect(contactSheet([red(224, 100)]).cells[0]?.width).toBe(224);
  });

  it('writes captions below, cut to the cell', () => {
    const captioned = contactSheet([{ ...red(8, 4), caption: 'IIIIIIII' }], { ...options, ink: [9, 9, 9] });
    expect(captioned.height).toBe(2 + 4 + 8 + 2);
    const inked = Array.from(
      { length: captioned.data.length / 3 },
      (_, i) => captioned.data[3 * i] === 9,
    ).filter(Boolean);
    expect(inked).toHaveLength(2 * 9); // two letters I of nine pixels fit into eight
  });
});

describe('drawText', () => {
  it('sets the pixels of letters, and a block for signs that it lacks', () => {
    const width = textWidth('t€');
    const raster = { data: new Uint8Array(3 * width * 5), width };
    drawText(raster, 't€', 0, 0, [1, 1, 1]);
    const rows = Array.from({ length: 5 }, (_, y) =>
      Array.from({ length: width }, (_, x) => (raster.data[3 * (y * width + x)] ? '#' : '.')).join(''),
    );
    expect(rows).toEqual(['###.###', '.#..###', '.#..###', '.#..###', '.#..###']);
  });
});
