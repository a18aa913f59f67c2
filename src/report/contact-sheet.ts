import { drawText, TEXT_HEIGHT, textWidth } from './pixel-font.js';

/** A picture for a contact sheet. */
export interface Picture {
  /** [H, W, 3] uint8 */
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly caption?: string;
}

/** Options of `contactSheet`; colors are [R, G, B] in 0..255. */
export interface SheetOptions {
  /** Default: as square as possible. */
  readonly columns?: number;
  /** Factor of enlargement, a whole number; default: to about 96 pixels a side. */
  readonly scale?: number;
  /** Pixels around each cell. */
  readonly gap?: number;
  readonly background?: readonly [number, number, number];
  readonly ink?: readonly [number, number, number];
}

/** A contact sheet, uint8 [H, W, 3], and the position of each picture. */
export interface Sheet {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly columns: number;
  /** Position and size of each picture, in pixels of the sheet. */
  readonly cells: readonly {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  }[];
}

const COMFORTABLE = 96;

/**
 * Lays small pictures out on one sheet, uint8 [H, W, 3], row after row. All cells have the same size, with the picture in
 * the middle and its caption, if any, below. Small pictures are enlarged by whole factors: single pixels stay visible.
 *
 * @param pictures uint8 [H, W, 3] each, of any sizes
 * @param options `columns` (default: as square as possible), `scale` (default: about 96 pixels a side), `gap` (default 4
 * pixels), `background` and `ink`
 *
 * @example
 * const red = { data: Uint8Array.from([255, 0, 0]), width: 1, height: 1, caption: 'red' };
 * const sheet = contactSheet([red, red], { scale: 8 });
 * [sheet.width, sheet.height, sheet.columns] // → [28, 24, 2]
 */
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
