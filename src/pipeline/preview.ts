import { extname } from 'node:path';
import type { Observable } from 'rxjs';
import { z } from 'zod';
import { replaceFile } from '../core/files/write-file.js';
import { type Batch, parseOptions, printableJson, RxaugError, UsageError } from '../core/index.js';
import { contactSheet, type Picture } from '../report/contact-sheet.js';
import { overlaid } from '../report/overlay.js';
import { pull } from '../stream/demand.js';
import { overlayOf } from './overlay-of.js';
import { pictureOf } from './picture.js';
import { writePng } from './write-png.js';

const previewOptions = z.strictObject({
  /** Number of cells. */
  count: z.int().min(1).default(64),
  /** The epoch to show. */
  epoch: z.int().min(0).default(0),
  workers: z.int().min(0).optional(),
  /** Cells in a row; default: as square as possible. */
  columns: z.int().min(1).optional(),
  /** Factor of enlargement; default: to about 96 pixels a side. */
  scale: z.int().min(1).optional(),
  /** Write the class below each cell. */
  labels: z.boolean().default(false),
  /** Draw masks, boxes and keypoints over the cells, where there are any. */
  targets: z.boolean().default(true),
  /** Copied into the JSON file. */
  about: z.record(z.string(), z.unknown()).default({}),
  signal: z.instanceof(AbortSignal).optional(),
});
/** Options of `preview`. */
export type PreviewOptions = z.input<typeof previewOptions>;
type Parsed = z.output<typeof previewOptions>;

/** The paths of the files that `preview` has written. */
export interface Preview {
  readonly sheet: string;
  readonly recipes: string;
}

/**
 * Writes a contact sheet of the images that a trainer would receive, as a PNG, and a JSON file of the same name with the
 * recipe of every cell. `normalize` is undone; masks, boxes and keypoints are drawn over the images.
 *
 * @param batches a stream of batches
 * @param sheet path of the PNG; must end in `.png`
 * @param options `count` (default 64 cells), `epoch` (default 0), `columns`, `scale`, `labels` (default false), `targets`
 * (default true), `workers`, `about` (copied into the JSON file), `signal`
 * @returns the paths, or undefined if the signal was aborted
 * @throws UsageError for bad options or another ending; RxaugError if the stream has no batch in that epoch
 *
 * @example
 * const batches$ = imageFolder('photos').pipe(horizontalFlip(), batch(4));
 * const files = await preview(batches$, 'out/sheet.png', { count: 8, labels: true });
 * console.log(files?.recipes); // → out/sheet.json
 */
export async function preview(
  batches: Observable<Batch>,
  sheet: string,
  options: PreviewOptions = {},
): Promise<Preview | undefined> {
  const parsed = parseOptions('preview', previewOptions, options);
  const recipes = recipesPath(sheet);
  const shown = await collect(batches, parsed);
  if (parsed.signal?.aborted) return undefined;
  await write(sheet, recipes, shown, parsed);
  return { sheet, recipes };
}

export function recipesPath(sheet: string): string {
  if (extname(sheet).toLowerCase() === '.png') return `${sheet.slice(0, -4)}.json`;
  throw new UsageError(`preview: expected a path that ends in .png but received '${sheet}'`);
}

interface Shown {
  readonly cells: { readonly picture: Picture; readonly enlarged?: boolean; readonly about: object }[];
  /** Draws of whole batches (mixup, cutmix), by the number that cells name. */
  readonly batches: object[];
}

async function collect(source: Observable<Batch>, options: Parsed): Promise<Shown> {
  const { count, epoch, workers, signal } = options;
  const shown: Shown = { cells: [], batches: [] };
  const stream = pull(source, { start: { epoch, batch: 0 }, workers });
  const stop = () => stream.cancel();
  signal?.addEventListener('abort', stop);
  try {
    for await (const batch of stream) {
      for (let row = 0; row < batch.size && shown.cells.length < count; row++) {
        shown.cells.push(cellOf(batch, row, shown.batches.length, options));
      }
      shown.batches.push({ epoch: batch.epoch, index: batch.index, size: batch.size, recipe: batch.recipe });
      batch.dispose();
      if (shown.cells.length === count) break;
    }
  } finally {
    signal?.removeEventListener('abort', stop);
    stream.cancel();
  }
  if (shown.cells.length > 0 || signal?.aborted) return shown;
  throw new RxaugError(
    `preview: the stream gave no batch in epoch ${epoch}; choose an earlier epoch, or set more epochs`,
  );
}

function cellOf(
  batch: Batch,
  row: number,
  number: number,
  { labels, targets, scale }: Parsed,
): Shown['cells'][number] {
  const sample = batch.samples[row] as Batch['samples'][number];
  const { id, recipe, epoch, index, label } = sample;
  const { width, height, soft } = batch;
  const { classes } = batch.origin;
  const name = classes[batch.labels[row] as number] ?? String(batch.labels[row]);
  const target = soft && Array.from(soft.subarray(row * classes.length, (row + 1) * classes.length));
  const plain = { data: pictureOf(batch, row, recipe), width, height, caption: labels ? name : undefined };
  const overlay = targets ? overlayOf(batch, row) : undefined;
  const moved = batch.targets?.[row];
  return {
    picture: overlay ? overlaid(plain, overlay, scale ?? scaleFor(width, height)) : plain,
    ...(overlay && { enlarged: true }),
    about: {
      id,
      label: typeof label === 'number' ? label : Array.from(label),
      class: name,
      ...(target && { soft: target }),
      ...(moved?.boxes && { boxes: moved.boxes, format: moved.format }),
      ...(moved?.keypoints && { keypoints: moved.keypoints }),
      // Input of crops that keep boxes: `rxaug render --cell` needs it.
      ...(sample.targets?.boxes && { boxesBefore: sample.targets.boxes }),
      epoch,
      index,
      batch: number,
      row,
      recipe,
    },
  };
}

/** To about 192 pixels a side: targets drawn over a picture need room. */
const scaleFor = (width: number, height: number) => Math.max(1, Math.round(192 / Math.max(width, height)));

async function write(
  path: string,
  json: string,
  { cells, batches }: Shown,
  { columns, scale, epoch, about }: Parsed,
): Promise<void> {
  const pictures = cells.map(({ picture }) => picture);
  const drawn = cells.some(({ enlarged }) => enlarged);
  const { data, width, height, ...sheet } = contactSheet(pictures, { columns, scale: drawn ? 1 : scale });
  await writePng(path, { data, width, height });
  const listed = cells.map((cell, i) => ({ cell: i, ...sheet.cells[i], ...cell.about }));
  const whole = { ...about, epoch, columns: sheet.columns, cells: listed, batches };
  replaceFile(json, `${printableJson(whole, 1)}\n`);
}
