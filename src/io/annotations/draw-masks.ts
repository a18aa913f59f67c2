/** Outlines of objects as masks: drawn once, image by image, into PNGs in the cache folder. */
import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import type { Mask } from '../../core/index.js';
import type { Problem } from '../problems.js';
import { keptOnce } from '../unpacked/kept.js';
import type { UnpackedWriter } from '../unpacked/unpacked-writer.js';
import { pngOfIds } from '../write/png.js';
import { grouped } from './columns.js';
import type { MaskSource } from './object-dataset.js';
import { BOX, DROPPED, type Four, type ObjectTable } from './object-table.js';
import { areaOf, paint, RleFault, type Runs } from './rle.js';
import { Tally } from './tally.js';

/** 'classes': 0 is ground, class c is c + 1. 'instances': 0 is ground, objects are numbered from 1 in each image. */
export type MaskKind = 'classes' | 'instances';

/** Raised whenever masks come out differently. */
const VERSION = 1;
/** As many as the decoder takes. */
const MOST_PIXELS = 64e6;

export interface DrawOptions {
  readonly table: ObjectTable;
  readonly kinds: readonly MaskKind[];
  /** Number of box classes. */
  readonly classes: number;
  /** The cache folder. */
  readonly folder: string;
  /** The file or folder that the outlines come from. */
  readonly source: string;
  /** What changes when the outlines do. */
  readonly state: unknown;
  readonly name: string;
  /** The outlines of an object in an image of this size; undefined where it has none. @throws RleFault */
  outlines(object: number, width: number, height: number): readonly Runs[] | undefined;
  /** The pixels [x0, y0, x1, y1] of a box. */
  corners(object: number, width: number, height: number): Four;
}

interface MaskIndex {
  /** By image: where each mask is; 0 bytes where there is none. */
  readonly masks: readonly { readonly offsets: Float64Array; readonly sizes: Uint32Array }[];
  readonly problems: readonly Problem[];
}

interface Setting {
  readonly kind: MaskKind;
  readonly bits: 8 | 16;
  readonly ignore: number;
}

/** Draws the masks, or takes them from an earlier time. Needs the sizes of all images. */
export async function drawnMasks(
  options: DrawOptions,
): Promise<{ readonly source: MaskSource; readonly problems: readonly Problem[] }> {
  const { table, kinds, classes, folder } = options;
  const { first, order } = grouped((k) => table.image.at(k), table.objects, table.images);
  let most = 0;
  for (let i = 0; i < table.images; i++)
    most = Math.max(most, (first[i + 1] as number) - (first[i] as number));
  const settings = kinds.map((kind): Setting => {
    const bits = (kind === 'classes' ? classes : most) < 255 ? 8 : 16;
    return { kind, bits, ignore: bits === 8 ? 255 : 65_535 };
  });
  const make = async (out: UnpackedWriter): Promise<MaskIndex> => {
    const tally = new Tally();
    const masks = kinds.map(() => ({
      offsets: new Float64Array(table.images),
      sizes: new Uint32Array(table.images),
    }));
    for (let i = 0; i < table.images; i++) {
      if (i % 16 === 15) await setImmediate(); // lets Ctrl-C and timers through
      if (table.out.at(i)) continue;
      const drawn = drawImage(options, i, order.subarray(first[i], first[i + 1]), settings, tally);
      drawn?.forEach((png, m) => {
        const mask = masks[m] as (typeof masks)[number];
        mask.offsets[i] = out.write(png);
        mask.sizes[i] = png.length;
      });
    }
    return { masks, problems: tally.problems(options.name) };
  };
  const { path, index } = await keptOnce({
    folder,
    place: JSON.stringify([VERSION, options.source, kinds]),
    state: JSON.stringify([options.state, settings, stateOf(table), classes]),
    source: options.source,
    what: `the masks of ${options.source}`,
    limit: Infinity, // each image has one of each kind, of its own size
    make,
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

/** What is drawn depends on which images and objects are kept, and as what. */
function stateOf(table: ObjectTable): string {
  const hash = createHash('sha256');
  for (const column of [table.out, table.widths, table.heights, table.flags, table.label, table.image]) {
    const { buffer, byteOffset, byteLength } = column.view();
    hash.update(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength));
  }
  return hash.digest('hex');
}

interface Shape {
  readonly runs: readonly Runs[];
  readonly area: number;
  readonly label: number;
  /** 0 for what is no object but a place of unknown content. */
  readonly instance: number;
}

/** Objects on top of crowds and of what has no outline, small ones on top of large ones. */
function drawImage(
  options: DrawOptions,
  image: number,
  objects: Uint32Array,
  settings: readonly Setting[],
  tally: Tally,
): Buffer[] | undefined {
  const { table } = options;
  const [width, height] = [table.widths.at(image), table.heights.at(image)];
  const where = table.paths.at(image);
  if (width * height > MOST_PIXELS || width * height === 0) {
    const fault = `images have no size, or more than ${MOST_PIXELS} pixels, and get no masks; resize them`;
    tally.note(fault, where);
    return undefined;
  }
  const shapes: Shape[] = [];
  for (const [n, k] of objects.entries()) {
    const dropped = table.has(k, DROPPED);
    const runs = outlinesOf(options, k, width, height, (fault) => tally.note(fault, where));
    if (runs) {
      const area = runs.reduce((sum, one) => sum + areaOf(one), 0);
      shapes.push({ runs, area, label: table.label.at(k), instance: dropped ? 0 : table.instance(k, n) });
    } else if (table.has(k, BOX)) {
      if (!dropped)
        tally.note('objects have a box but no outline; their boxes are the ignore of masks', where);
      const box = boxRuns(options.corners(k, width, height), width, height);
      shapes.push({ runs: [box], area: 0, label: 0, instance: 0 });
    }
  }
  shapes.sort(
    (a, b) => Number(a.instance > 0) - Number(b.instance > 0) || b.area - a.area || a.instance - b.instance,
  );
  return settings.map(({ kind, bits, ignore }) => {
    const ids = new (bits === 8 ? Uint8Array : Uint16Array)(width * height);
    for (const { runs, label, instance } of shapes) {
      const id = instance === 0 ? ignore : kind === 'classes' ? label + 1 : instance;
      for (const one of runs) paint(one, id, ids, width, height);
    }
    return pngOfIds(ids, width, height);
  });
}

function outlinesOf(
  options: DrawOptions,
  object: number,
  width: number,
  height: number,
  note: (fault: string) => void,
): readonly Runs[] | undefined {
  try {
    return options.outlines(object, width, height);
  } catch (error) {
    if (!(error instanceof RleFault)) throw error;
    note(`annotations have a segmentation ${error.message}, and count as without; correct them`);
    return undefined;
  }
}

/** All pixels that a box touches. */
function boxRuns(box: Four, width: number, height: number): Runs {
  const within = (n: number, most: number) => Math.min(Math.max(n, 0), most);
  const [x0, y0] = [within(Math.floor(box[0]), width), within(Math.floor(box[1]), height)];
  const [x1, y1] = [within(Math.ceil(box[2]), width), within(Math.ceil(box[3]), height)];
  const lengths: number[] = [];
  let before = 0;
  for (let column = x0; column < x1 && y1 > y0; column++) {
    lengths.push(column * height + y0 - before, y1 - y0);
    before = column * height + y1;
  }
  lengths.push(width * height - before);
  return Uint32Array.from(lengths);
}
