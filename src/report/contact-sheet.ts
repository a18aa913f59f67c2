/**
 * Many small pictures on one sheet: a raster [H, W, 3] uint8, row after row, each cell of the same size with
 * its picture in the middle and an optional caption below. Small pictures are enlarged by whole factors, so
 * that single pixels can be seen.
 */
import { drawText, TEXT_HEIGHT, textWidth } from './pixel-font.js';

export interface Picture {
  /** [H, W, 3] uint8 */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly caption?: string;
}

export interface SheetOptions {
  /** Default: as square as it goes. */
  readonly columns?: number;
  /** Every pixel becomes so many squared; default: enlarge to about 96 pixels. */
  readonly scale?: number;
  /** Pixels around each cell. */
  readonly gap?: number;
  readonly background?: readonly [number, number, number];
  readonly ink?: readonly [number, number, number];
}

export interface Sheet {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  /** Where each picture lies, in pixels of the sheet. */
  readonly cells: readonly {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }[];
}

const COMFORTABLE = 96;

export function contactSheet(pictures: readonly Picture[], options: SheetOptions = {}): Sheet {
  const { gap = 4, background = [24, 24, 27], ink = [228, 228, 231] } = options;
  const largest = Math.max(1, ...pictures.map(({ width, height }) => Math.max(width, height)));
  const scale = options.scale ?? Math.max(1, Math.floor(COMFORTABLE / largest));
  const cellWidth = scale * Math.max(1, ...pictures.map(({ width }) => width));
  const cellHeight = scale * Math.max(1, ...pictures.map(({ height }) => height));
  const captions = pictures.some(({ caption }) => caption) ? TEXT_HEIGHT + 3 : 0;
  const columns = Math.max(
    1,
    Math.min(pictures.length, options.columns ?? Math.ceil(Math.sqrt(pictures.length))),
  );
  const rows = Math.max(1, Math.ceil(pictures.length / columns));
  const width = columns * (cellWidth + gap) + gap;
  const height = rows * (cellHeight + captions + gap) + gap;
  const sheet = { data: new Uint8Array(3 * width * height), width, height };
  for (let i = 0; i < sheet.data.length; i += 3) sheet.data.set(background, i);

  const cells = pictures.map((picture, i) => {
    const left = gap + (i % columns) * (cellWidth + gap);
    const top = gap + Math.floor(i / columns) * (cellHeight + captions + gap);
    const [w, h] = [scale * picture.width, scale * picture.height];
    const x = left + ((cellWidth - w) >> 1);
    const y = top + ((cellHeight - h) >> 1);
    paste(sheet, picture, x, y, scale);
    if (picture.caption) {
      const text = fitted(picture.caption, cellWidth);
      drawText(sheet, text, left + ((cellWidth - textWidth(text)) >> 1), top + cellHeight + 2, ink);
    }
    return { x, y, width: w, height: h };
  });
  return { ...sheet, columns, cells };
}

function paste(
  sheet: { readonly data: Uint8Array; readonly width: number },
  { data, width, height }: Picture,
  x: number,
  y: number,
  scale: number,
): void {
  const line = new Uint8Array(3 * width * scale);
  for (let v = 0; v < height; v++) {
    for (let u = 0; u < width; u++) {
      const pixel = data.subarray(3 * (v * width + u), 3 * (v * width + u) + 3);
      for (let k = 0; k < scale; k++) line.set(pixel, 3 * (u * scale + k));
    }
    for (let k = 0; k < scale; k++) sheet.data.set(line, 3 * ((y + v * scale + k) * sheet.width + x));
  }
}

function fitted(text: string, width: number): string {
  let kept = text;
  while (kept.length > 1 && textWidth(kept) > width) kept = kept.slice(0, -1);
  return kept;
}
