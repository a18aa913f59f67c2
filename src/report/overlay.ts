/** Draws masks, boxes and keypoints over a picture, to check by eye. */
import type { Picture } from './contact-sheet.js';

/** What to draw, in pixels of the picture. */
export interface Overlay {
  /** [H, W] ids: 0 and `ignore` stay clear, others get a color each. */
  readonly mask?: Uint8Array | Uint16Array;
  readonly ignore?: number;
  /** [x0, y0, x1, y1] with the number that chooses the color. */
  readonly boxes?: readonly { readonly corners: readonly number[]; readonly id: number }[];
  readonly points?: readonly { readonly x: number; readonly y: number; readonly id: number }[];
}

type Rgb = readonly [number, number, number];

/** The picture with its targets drawn over it; `scale` enlarges it first, which keeps lines thin. */
export function overlaid(
  { data, width, height, caption }: Picture,
  { mask, ignore = 255, boxes = [], points = [] }: Overlay,
  scale = 1,
): Picture {
  const out = { data: enlarged(data, width, height, scale), width: scale * width, height: scale * height };
  if (mask) {
    for (let y = 0; y < out.height; y++) {
      for (let x = 0; x < out.width; x++) {
        const id = mask[Math.floor(y / scale) * width + Math.floor(x / scale)] as number;
        if (id !== 0 && id !== ignore) blend(out, x, y, colorOf(id), 0.45);
      }
    }
  }
  for (const { corners, id } of boxes) {
    const [x0, y0, x1, y1] = corners.map((v) => Math.round(v * scale)) as [number, number, number, number];
    for (let x = x0; x < x1; x++) for (const y of [y0, y1 - 1]) blend(out, x, y, colorOf(id), 1);
    for (let y = y0; y < y1; y++) for (const x of [x0, x1 - 1]) blend(out, x, y, colorOf(id), 1);
  }
  for (const { x, y, id } of points) {
    const [u, v] = [Math.floor(x * scale), Math.floor(y * scale)];
    for (let k = -2; k <= 2; k++) {
      blend(out, u + k, v, colorOf(id), 1);
      blend(out, u, v + k, colorOf(id), 1);
    }
  }
  return { ...out, ...(caption !== undefined && { caption }) };
}

function blend({ data, width, height }: Picture, x: number, y: number, color: Rgb, share: number): void {
  if (x < 0 || y < 0 || x >= width || y >= height) return;
  const at = 3 * (y * width + x);
  for (let c = 0; c < 3; c++)
    data[at + c] = Math.round((1 - share) * (data[at + c] as number) + share * (color[c] as number));
}

function enlarged(data: Uint8Array, width: number, height: number, scale: number): Uint8Array {
  const out = new Uint8Array(3 * width * height * scale * scale);
  for (let y = 0, o = 0; y < height * scale; y++) {
    for (let x = 0; x < width * scale; x++, o += 3) {
      const at = 3 * (Math.floor(y / scale) * width + Math.floor(x / scale));
      out[o] = data[at] as number;
      out[o + 1] = data[at + 1] as number;
      out[o + 2] = data[at + 2] as number;
    }
  }
  return out;
}

/** Neighboring ids get hues far apart: steps of the golden angle. */
function colorOf(id: number): Rgb {
  const hue = ((id * 137.508 + 20) % 360) / 60;
  const x = 255 * (1 - Math.abs((hue % 2) - 1));
  const sector = [
    [255, x, 0],
    [x, 255, 0],
    [0, 255, x],
    [0, x, 255],
    [x, 0, 255],
    [255, 0, x],
  ] as const;
  return sector[Math.floor(hue) % 6] as Rgb;
}
