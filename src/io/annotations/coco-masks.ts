/** Segmentations of COCO: read again from their places in the file, so that no polygon stays in memory. */
import { closeSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { stampOf } from '../unpacked/kept.js';
import type { CocoRows } from './coco-rows.js';
import { drawnMasks, type MaskKind } from './draw-masks.js';
import { RleFault, type Runs, runsOfCounts, runsOfPolygon, runsOfText } from './rle.js';

/** The masks of a COCO file. Needs the sizes of all images. */
export async function cocoMasks(
  file: string,
  rows: CocoRows,
  kinds: readonly MaskKind[],
  classes: number,
  folder: string,
) {
  const { table } = rows;
  const fd = openSync(file, 'r');
  try {
    return await drawnMasks({
      table,
      kinds,
      classes,
      folder,
      source: `coco ${file}`,
      state: stampOf(file),
      name: basename(file),
      outlines(object, width, height) {
        const length = rows.sizes.at(object);
        if (length === 0) return undefined;
        const bytes = Buffer.allocUnsafe(length);
        if (readSync(fd, bytes, 0, length, rows.offsets.at(object)) !== length)
          throw new RleFault('that went while it was read');
        return runsOf(segmentationOf(bytes.toString()), width, height);
      },
      corners(object) {
        const [x, y, w, h] = table.box(object);
        return [x, y, x + w, y + h];
      },
    });
  } finally {
    closeSync(fd);
  }
}

/** Of an annotation that was read before: other bytes are there if the file has changed. */
function segmentationOf(text: string): unknown {
  try {
    const { segmentation } = JSON.parse(text) as { readonly segmentation?: unknown };
    if (typeof segmentation === 'object' && segmentation !== null) return segmentation;
  } catch {
    // told below
  }
  throw new RleFault('that changed while it was read');
}

/** @throws RleFault */
export function runsOf(segmentation: unknown, width: number, height: number): Runs[] {
  if (Array.isArray(segmentation)) return segmentation.map((corners) => polygonRuns(corners, width, height));
  const { size, counts } = segmentation as { readonly size?: unknown; readonly counts?: unknown };
  if (!Array.isArray(size) || size.length !== 2 || size[0] !== height || size[1] !== width)
    throw new RleFault('of another size than the image');
  if (typeof counts === 'string') return [runsOfText(counts, width * height)];
  if (Array.isArray(counts)) return [runsOfCounts(counts, width * height)];
  throw new RleFault('without counts');
}

function polygonRuns(corners: unknown, width: number, height: number): Runs {
  if (!Array.isArray(corners) || corners.length < 6 || corners.length % 2 !== 0)
    throw new RleFault('whose polygons are no lists of three corners or more');
  if (!corners.every((n) => Number.isFinite(n))) throw new RleFault('whose polygons have no finite numbers');
  return runsOfPolygon(corners, width, height);
}
