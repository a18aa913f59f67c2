/**
 * The eight EXIF orientations as exact pixel moves.
 *
 * In:  src [H, W, 3] uint8, as stored.  Out: dst [H', W', 3], upright; H' and W' are swapped from 5 on.
 */

/** True for the orientations that swap width and height. */
export function swapsSides(orientation: number): boolean {
  return orientation >= 5;
}

/** Copies stored pixels upright; of a window of the upright image, only those in it. */
export function orient(
  src: Uint8Array,
  width: number,
  height: number,
  orientation: number,
  dst: Uint8Array,
  window?: readonly [x0: number, y0: number, x1: number, y1: number],
): void {
  // Output pixel (x, y) comes from source pixel number start + x·across + y·down.
  const last = width * height - 1;
  const [start, across, down] = (
    {
      2: [width - 1, -1, width],
      3: [last, -1, -width],
      4: [last - width + 1, 1, -width],
      5: [0, width, 1],
      6: [last - width + 1, -width, 1],
      7: [last, -width, -1],
      8: [width - 1, width, -1],
    } as Record<number, [number, number, number]>
  )[orientation] ?? [0, 1, width];
  const outWidth = swapsSides(orientation) ? height : width;
  const outHeight = swapsSides(orientation) ? width : height;
  const [x0, y0, x1, y1] = window ?? [0, 0, outWidth, outHeight];
  for (let y = y0; y < y1; y++) {
    let from = 3 * (start + y * down + x0 * across);
    let to = 3 * (y * outWidth + x0);
    for (let x = x0; x < x1; x++) {
      dst[to] = src[from] as number;
      dst[to + 1] = src[from + 1] as number;
      dst[to + 2] = src[from + 2] as number;
      to += 3;
      from += 3 * across;
    }
  }
}
