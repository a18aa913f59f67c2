/** `rxaug preview`: a contact sheet of augmented samples, and a JSON file with the recipe of every cell. */
import { dirname } from 'node:path';
import { Command } from 'commander';
import { checkWritable } from '../../core/files/check-folder.js';
import { preview, recipesPath } from '../../pipeline/preview.js';
import { BadList } from '../bad-list.js';
import { batchesOf } from '../batches-of.js';
import { interruptible } from '../interrupt.js';
import { loadPipeline } from '../load-pipeline.js';
import { contextOf, numberOption, type PipelineFlags, withPipeline } from '../options.js';

interface Flags extends PipelineFlags {
  readonly out: string;
  readonly count: number;
  readonly epoch: number;
  readonly columns?: number;
  readonly scale?: number;
  readonly labels?: boolean;
  readonly targets: boolean;
}

export function previewCommand(): Command {
  return withPipeline(new Command('preview').description('write a contact sheet of augmented samples'))
    .option('--out <sheet.png>', 'the picture; its recipes go to a .json file of the same name', 'sheet.png')
    .addOption(numberOption('--count', 'n', 'cells', 1).default(64))
    .addOption(numberOption('--epoch', 'n', 'the epoch to show').default(0))
    .addOption(numberOption('--columns', 'n', 'cells in a row; default: as square as it goes', 1))
    .addOption(numberOption('--scale', 'n', 'enlarge every pixel; default: to about 96 pixels a side', 1))
    .option('--labels', 'write the class below each cell')
    .option('--no-targets', 'draw no masks, boxes and keypoints over the cells')
    .action(async (path: string, { out, count, epoch, columns, scale, labels, targets, ...flags }: Flags) => {
      recipesPath(out); // a wrong name or folder is reported before anything is rendered
      checkWritable(dirname(out));
      const pipeline = await loadPipeline(path);
      await interruptible(async (signal) => {
        const context = contextOf(pipeline, flags, signal);
        const { settings, seed, workers } = context;
        const about = { pipeline: pipeline.name, settings, seed };
        const batches = await batchesOf(path, pipeline, context);
        const list = new BadList();
        const written = await preview(batches.pipe(list.watch()), out, {
          count,
          epoch,
          columns,
          scale,
          labels,
          targets,
          workers,
          about,
          signal,
        }).finally(() => list.print());
        if (!written) return;
        process.stdout.write(`${written.sheet}\n${written.recipes}\n`);
      });
    });
}
