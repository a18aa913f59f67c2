/**
 * Segmentations as masks: polygons and runs are drawn once, image by image, into PNGs in the cache folder. Annotations
 * are read again from their places in the file, so no polygon stays in memory.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import type { Mask } from '../../core/index.js';
import type { Problem } from '../problems.js';
import { pngOfIds } from '../write/png.js';
import type { CocoRows } from './coco-rows.js';
import { grouped } from './columns.js';
import type { MaskSource } from './object-dataset.js';
import { BOX, DROPPED } from './object-table.js';
import { areaOf, paint, RleFault, type Runs, runsOfCounts, runsOfPolygon, runsOfText } from './rle.js';
import { Tally } from './tally.js';
import { stampOf, unpackedOnce } from './unpacked.js';

export type MaskKind = 'classes' | 'instances';

/** Raised whenever masks come out differently. */
const VERSION = 1;
/** As many as the decoder takes. */
const MOST_PIXELS = 64e6;

interface MaskIndex {
  /** By image: where each mask is; 0 bytes where there is none. */
  readonly masks: readonly { readonly offsets: Float64Array; readonly sizes: Uint32Array }[];
  readonly problems: readonly Problem[];
}

/** Draws the masks, or takes them from an earlier time. Needs the sizes of all images. */
export async function cocoMasks(
  file: string,
  rows: CocoRows,
  kinds: readonly MaskKind[],
  classes: number,
  folder: string,
): Promise<{ readonly source: MaskSource; readonly problems: readonly Problem[] }> {
  const { table } = rows;
  const { first, order } = grouped((k) => table.image.at(k), table.objects, table.images);
  let most = 0;
  for (let i = 0; i < table.images; i++)
    most = Math.max(most, (first[i + 1] as number) - (first[i] as number));
  const settings = kinds.map((kind) => {
    const bits = (kind === 'classes' ? classes : most) < 255 ? (8 as const) : (16 as const);
    const ignore = bits === 8 ? 255 : 65_535;
    return { kind, bits, ignore };
  });
  const key = [VERSION, stampOf(file), settings, states(rows), classes];
  const { path, index } = await unpackedOnce(folder, key, async (append): Promise<MaskIndex> => {
    const fd = openSync(file, 'r');
    const tally = new Tally();
    const masks = kinds.map(() => ({
      offsets: new Float64Array(table.images),
      sizes: new Uint32Array(table.images),
    }));
    try {
      for (let i = 0; i < table.images; i++) {
        if (i % 16 === 15) await setImmediate(); // lets Ctrl-C and timers through
        if (table.out.at(i)) continue;
        const objects = order.subarray(first[i], first[i + 1]);
        const drawn = drawMasks(rows, i, objects, settings, fd, tally);
        drawn?.forEach((png, m) => {
          const mask = masks[m] as (typeof masks)[number];
          mask.offsets[i] = append(png);
          mask.sizes[i] = png.length;
        });
      }
    } finally {
      closeSync(fd);
    }
    return { masks, problems: tally.problems(file) };
  });
  const source: MaskSource = {
    names: kinds,
    masksOf(image) {
      const own = settings.flatMap(({ kind, bits, ignore }, m): [string, Mask][] => {
        const { offsets, sizes } = index.masks[m] as MaskIndex['masks'][number];
        const length = sizes[image] as number;
        if (length === 0) return [];
        const range = { kind: 'range', path, offset: offsets[image] as number, length } as const;
        const what = kind === 'instances' ? { instances: true } : { classes: classes + 1 };
        return [[kind, { image: range, bits, ignore, ...what }]];
      });
      return own.length > 0 ? Object.fromEntries(own) : undefined;
    },
  };
  return { source, problems: index.problems };
}

/** What is drawn hangs on which images and objects are kept, and as what. */
function states({ table }: CocoRows): string {
  const parts = [table.out, table.widths, table.heights, table.flags, table.label, table.image];
  return parts.map((column) => digest(column.view())).join(' ');
}

const digest = (view: Uint8Array | Uint32Array) =>
  createHash('sha256')
    .update(new Uint8Array(view.buffer, view.byteOffset, view.byteLength))
    .digest('hex');

interface Setting {
  readonly kind: MaskKind;
  readonly bits: 8 | 16;
  readonly ignore: number;
}

interface Shape {
  readonly runs: Runs[];
  readonly area: number;
  readonly label: number;
  /** 0 for what is no object but a place of unknown content. */
  readonly instance: number;
}

/** Objects on top of crowds and of what has no outline, small ones on top of large ones. */
function drawMasks(
  rows: CocoRows,
  image: number,
  objects: Uint32Array,
  settings: readonly Setting[],
  fd: number,
  tally: Tally,
): Buffer[] | undefined {
  const { table } = rows;
  const [width, height] = [table.widths.at(image), table.heights.at(image)];
  const where = table.paths.at(image);
  if (width * height > MOST_PIXELS || width * height === 0) {
    tally.note(
      `images have no size, or more than ${MOST_PIXELS} pixels, and get no masks; resize them`,
      where,
    );
    return undefined;
  }
  const shapes: Shape[] = [];
  let instance = 0;
  for (const k of objects) {
    const dropped = table.has(k, DROPPED);
    const own = dropped ? 0 : ++instance;
    const runs = shapeOf(rows, k, width, height, fd, (fault) => tally.note(fault, where));
    if (!runs) {
      if (!table.has(k, BOX)) continue;
      if (!dropped)
        tally.note('objects have a box but no outline; their boxes are the ignore of masks', where);
      shapes.push({ runs: [boxRuns(table.box(k), width, height)], area: 0, label: 0, instance: 0 });
    } else {
      const area = runs.reduce((sum, one) => sum + areaOf(one), 0);
      shapes.push({ runs, area, label: table.label.at(k), instance: own });
    }
  }
  shapes.sort(
    (a, b) => Number(a.instance > 0) - Number(b.instance > 0) || b.area - a.area || a.instance - b.instance,
  );
  return settings.map(({ kind, bits, ignore }) => {
    const ids = new (bits === 8 ? Uint8Array : Uint16Array)(width * height);
    for (const { runs, label, instance: own } of shapes) {
      const id = own === 0 ? ignore : kind === 'classes' ? label + 1 : own;
      for (const one of runs) paint(one, id, ids, width, height);
    }
    return pngOfIds(ids, width, height);
  });
}

/** The outlines of an object; undefined where it has none that can be drawn. */
function shapeOf(
  rows: CocoRows,
  k: number,
  width: number,
  height: number,
  fd: number,
  note: (fault: string) => void,
): Runs[] | undefined {
  const length = rows.sizes.at(k);
  if (length === 0) return undefined;
  const bytes = Buffer.allocUnsafe(length);
  if (readSync(fd, bytes, 0, length, rows.offsets.at(k)) !== length) return undefined;
  const { segmentation } = JSON.parse(bytes.toString()) as { readonly segmentation: unknown };
  try {
    return runsOf(segmentation, width, height);
  } catch (error) {
    if (!(error instanceof RleFault)) throw error;
    note(`annotations have a segmentation ${error.message}, and count as without; correct them`);
    return undefined;
  }
}

/** @throws RleFault */
export function runsOf(segmentation: unknown, width: number, height: number): Runs[] {
  if (Array.isArray(segmentation)) {
    return segmentation.map((corners) => {
      if (!Array.isArray(corners) || corners.length < 6 || corners.length % 2 !== 0)
        throw new RleFault('whose polygons are no lists of three corners or more');
      if (!corners.every((n) => Number.isFinite(n)))
        throw new RleFault('whose polygons have no finite numbers');
      return runsOfPolygon(corners, width, height);
    });
  }
  const { size, counts } = segmentation as { readonly size?: unknown; readonly counts?: unknown };
  if (!Array.isArray(size) || size.length !== 2 || size[0] !== height || size[1] !== width)
    throw new RleFault('of another size than the image');
  if (typeof counts === 'string') return [runsOfText(counts, width * height)];
  if (Array.isArray(counts)) return [runsOfCounts(counts, width * height)];
  throw new RleFault('without counts');
}

/** All pixels that a COCO box touches. */
function boxRuns([x, y, w, h]: readonly number[], width: number, height: number): Runs {
  const clamp = (n: number, most: number) => Math.min(Math.max(n, 0), most);
  const [x0, y0] = [clamp(Math.floor(x as number), width), clamp(Math.floor(y as number), height)];
  const x1 = clamp(Math.ceil((x as number) + (w as number)), width);
  const y1 = clamp(Math.ceil((y as number) + (h as number)), height);
  const lengths: number[] = [];
  let before = 0;
  for (let column = x0; column < x1 && y1 > y0; column++) {
    lengths.push(column * height + y0 - before, y1 - y0);
    before = column * height + y1;
  }
  lengths.push(width * height - before);
  return Uint32Array.from(lengths);
}
