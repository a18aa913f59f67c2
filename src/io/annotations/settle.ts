/** Images and boxes of a table, checked once all are there. */
import { setImmediate } from 'node:timers/promises';
import type { BoxFormat } from '../../core/index.js';
import { ImageSizes } from './image-size.js';
import { BOX, DROPPED, type Four, type ObjectTable } from './object-table.js';
import type { Tally } from './tally.js';

/** How far a box may stick out of its image by rounding, in pixels; `batch` takes as much. */
const SLACK = 1;
/** The same for shares of an image's sides, which are written with six digits. */
const SHARE_SLACK = 2e-6;

/**
 * Reads the sizes of all image files. An image that cannot be read is left out; so is one whose annotations are for
 * another size, for then they would lie elsewhere.
 *
 * @param missing images that could not be fetched: they stay, and are refused where they are read
 */
export async function settleSizes(
  table: ObjectTable,
  fileOf: (path: string) => string,
  tally: Tally,
  missing: (path: string) => boolean = () => false,
): Promise<void> {
  const sizes = new ImageSizes();
  try {
    for (let i = 0; i < table.images; i++) {
      if (i % 64 === 63) await setImmediate(); // lets Ctrl-C and timers through
      if (table.out.at(i)) continue;
      const path = table.paths.at(i);
      if (missing(path)) continue;
      const size = await sizes.of(fileOf(path));
      if (typeof size === 'string') {
        table.out.set(i, 1);
        tally.left(path, size);
        continue;
      }
      const [width, height] = [table.widths.at(i), table.heights.at(i)];
      if ((width > 0 || height > 0) && (width !== size.width || height !== size.height)) {
        table.out.set(i, 1);
        const turned = size.turned && width === size.height && height === size.width;
        const why = turned
          ? `its annotations are for ${width}×${height}, but its EXIF orientation turns it to ${size.width}×${size.height}; save it upright, or annotate it as it is seen`
          : `its annotations are for ${width}×${height}, but it has ${size.width}×${size.height}; restore the image or correct its size`;
        tally.left(path, why);
        continue;
      }
      table.widths.set(i, size.width);
      table.heights.set(i, size.height);
    }
  } finally {
    sizes.dispose();
  }
}

/** Drops boxes that are none, cuts boxes that reach beyond their image, and counts both. */
export function settleBoxes(table: ObjectTable, format: BoxFormat, tally: Tally): void {
  for (let k = 0; k < table.objects; k++) {
    if (!table.has(k, BOX) || table.has(k, DROPPED)) continue;
    const image = table.image.at(k);
    if (table.out.at(image)) continue;
    const box = table.box(k);
    const shares = format === 'yolo' || format === 'normalized';
    const [width, height] = shares ? [1, 1] : [table.widths.at(image), table.heights.at(image)];
    const drop = (fault: string) => {
      table.setFlag(k, DROPPED);
      tally.note(fault, table.paths.at(image));
    };
    if (!box.every(Number.isFinite)) {
      drop('boxes have numbers that are not finite and are left out; correct them');
      continue;
    }
    const [x0, y0, x1, y1] = corners(format, box);
    if (x1 <= x0 || y1 <= y0) {
      drop('boxes have no area, or are inverted, and are left out; correct them');
      continue;
    }
    if (width === 0 || height === 0) continue;
    if (x0 >= width || y0 >= height || x1 <= 0 || y1 <= 0) {
      drop('boxes lie outside their images and are left out; correct them');
      continue;
    }
    const slack = shares ? SHARE_SLACK : SLACK;
    if (Math.min(x0, y0) >= -slack && x1 <= width + slack && y1 <= height + slack) continue;
    const cut: Four = [Math.max(0, x0), Math.max(0, y0), Math.min(width, x1), Math.min(height, y1)];
    table.setBox(k, fromCorners(format, cut));
    tally.note('boxes reach beyond their images and are cut to them; correct them', table.paths.at(image));
  }
}

function corners(format: BoxFormat, [a, b, c, d]: Four): Four {
  if (format === 'coco') return [a, b, a + c, b + d];
  return format === 'yolo' ? [a - c / 2, b - d / 2, a + c / 2, b + d / 2] : [a, b, c, d];
}

function fromCorners(format: BoxFormat, [x0, y0, x1, y1]: Four): Four {
  if (format === 'coco') return [x0, y0, x1 - x0, y1 - y0];
  return format === 'yolo' ? [(x0 + x1) / 2, (y0 + y1) / 2, x1 - x0, y1 - y0] : [x0, y0, x1, y1];
}
