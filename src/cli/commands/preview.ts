/** `rxaug preview`: a contact sheet of what the trainer would see, and the recipe of every cell beside it. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { Command } from 'commander';
import type { Observable } from 'rxjs';
import { type Batch, RxaugError, UsageError } from '../../core/index.js';
import { contactSheet, type Picture } from '../../report/contact-sheet.js';
import { pull } from '../../stream/demand.js';
import { batchesOf } from '../batches-of.js';
import { interruptible } from '../interrupt.js';
import { loadPipeline } from '../load-pipeline.js';
import { contextOf, numberOption, type PipelineFlags, withPipeline } from '../options.js';
import { pictureOf } from '../picture.js';

interface Flags extends PipelineFlags {
  readonly out: string;
  readonly count: number;
  readonly epoch: number;
  readonly columns?: number;
  readonly scale?: number;
  readonly labels?: boolean;
}

export function previewCommand(): Command {
  return withPipeline(new Command('preview').description('write a contact sheet of augmented samples'))
    .option('--out <sheet.png>', 'the picture; its recipes go to a .json file of the same name', 'sheet.png')
    .addOption(numberOption('--count', 'n', 'cells', 1).default(64))
    .addOption(numberOption('--epoch', 'n', 'the epoch to show').default(0))
    .addOption(numberOption('--columns', 'n', 'cells in a row; default: as square as it goes', 1))
    .addOption(numberOption('--scale', 'n', 'enlarge every pixel; default: to about 96 pixels a side', 1))
    .option('--labels', 'write the class below each cell')
    .action(async (path: string, flags: Flags) => {
      const json = recipesPath(flags.out);
      const pipeline = await loadPipeline(path);
      await interruptible(async (signal) => {
        const context = contextOf(pipeline, { ...flags, out: undefined }, signal);
        const batches = await batchesOf(path, pipeline, context);
        const shown = await collect(batches, flags, signal);
        if (signal.aborted) return;
        const { pipeline: name, settings, seed } = { pipeline: pipeline.name, ...context };
        await write(flags.out, json, shown, flags, { pipeline: name, settings, seed, epoch: flags.epoch });
        process.stdout.write(`${flags.out}\n${json}\n`);
      });
    });
}

function recipesPath(out: string): string {
  if (extname(out).toLowerCase() !== '.png')
    throw new UsageError(`--out: expected a path that ends in .png but received '${out}'`);
  return `${out.slice(0, -4)}.json`;
}

interface Shown {
  readonly cells: { readonly picture: Picture; readonly about: Record<string, unknown> }[];
  /** Draws of whole batches (mixup, cutmix), by the number that cells name. */
  readonly batches: Record<string, unknown>[];
}

async function collect(source: Observable<Batch>, flags: Flags, signal: AbortSignal): Promise<Shown> {
  const { count, epoch, workers, labels } = flags;
  const shown: Shown = { cells: [], batches: [] };
  const stream = pull(source, { start: { epoch, batch: 0 }, workers });
  const stop = () => stream.cancel();
  signal.addEventListener('abort', stop);
  try {
    for await (const batch of stream) {
      for (let row = 0; row < batch.size && shown.cells.length < count; row++) {
        shown.cells.push(cellOf(batch, row, shown.batches.length, labels ?? false));
      }
      shown.batches.push({ epoch: batch.epoch, index: batch.index, size: batch.size, recipe: batch.recipe });
      batch.dispose();
      if (shown.cells.length === count) break;
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stream.cancel();
  }
  if (shown.cells.length === 0 && !signal.aborted) {
    throw new RxaugError(
      `preview: the stream gave no batch in epoch ${epoch}; lower --epoch, or set more epochs`,
    );
  }
  return shown;
}

function cellOf(batch: Batch, row: number, number: number, labels: boolean): Shown['cells'][number] {
  const { id, recipe, epoch, index, label } = batch.samples[row] as Batch['samples'][number];
  const { classes } = batch.origin;
  const name = classes[batch.labels[row] as number] ?? String(batch.labels[row]);
  const soft =
    batch.soft && Array.from(batch.soft.subarray(row * classes.length, (row + 1) * classes.length));
  const data = pictureOf(batch, row, recipe);
  const { width, height } = batch;
  return {
    picture: { data, width, height, caption: labels ? name : undefined },
    about: {
      id,
      label: typeof label === 'number' ? label : Array.from(label),
      class: name,
      ...(soft && { soft }),
      epoch,
      index,
      batch: number,
      row,
      recipe,
    },
  };
}

async function write(
  out: string,
  json: string,
  { cells, batches }: Shown,
  { columns, scale }: Flags,
  about: Record<string, unknown>,
): Promise<void> {
  const sheet = contactSheet(
    cells.map(({ picture }) => picture),
    { columns, scale },
  );
  const { default: sharp } = await import('sharp');
  await mkdir(dirname(out), { recursive: true });
  await sharp(sheet.data, { raw: { width: sheet.width, height: sheet.height, channels: 3 } })
    .png()
    .toFile(out);
  const whole = {
    ...about,
    columns: sheet.columns,
    cells: cells.map((cell, i) => ({ cell: i, ...sheet.cells[i], ...cell.about })),
    batches,
  };
  await writeFile(json, `${JSON.stringify(whole, null, 1)}\n`);
}
