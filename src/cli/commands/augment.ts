/** `rxaug augment`: a folder of images into another of the same layout, several augmented copies of each. */
import { Command, Option } from 'commander';
import {
  dependsOnProgress,
  pipelineToJson,
  policy,
  resize,
  type SampleOperator,
} from '../../augment/index.js';
import { UsageError } from '../../core/index.js';
import { type EncodedFormat, encodedFormat, QUALITY } from '../../io/encode.js';
import { augmentFolder, type FolderResult } from '../../pipeline/folder/augment-folder.js';
import { defaultWorkers } from '../../stream/index.js';
import { EXIT } from '../exit.js';
import { interruptible } from '../interrupt.js';
import { collect, numberOption, shareOf } from '../options.js';
import { print, printJson, say } from '../out.js';
import { ProgressLine } from '../progress-line.js';
import { refuseSettings } from '../settings.js';
import { transformsOf } from '../transforms-of.js';

interface Flags {
  readonly policy?: string;
  readonly pipeline?: string;
  readonly set: string[];
  readonly copies: number;
  readonly seed: number;
  readonly format: string;
  readonly quality?: number;
  readonly size?: string;
  readonly progress?: number;
  readonly workers?: number;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

/** Sentences about files that are printed; `--json` has all of them. */
const SHOWN = 20;

export function augmentCommand(): Command {
  return new Command('augment')
    .description('write augmented copies of a folder of images')
    .argument('<dir>', 'a folder of images, or of folders of images, one a class')
    .argument('<out>', 'the folder to write: the same layout, name-0.jpg, name-1.jpg …, and recipes.jsonl')
    .option('--policy <name>', "how to augment: 'trivial', 'rand-m9-n2', 'augmix-m5', … (docs/policies.md)")
    .option('--pipeline <file>', 'or by the transforms of a pipeline script, or of JSON')
    .option('--set <key=value>', "change one of the script's settings; repeatable", collect, [])
    .addOption(numberOption('--copies', 'n', 'augmented copies of each image', 1).default(1))
    .addOption(numberOption('--seed', 'n', 'key of all randomness').default(0))
    .option('--format <format>', 'jpg, png or webp', 'jpg')
    .addOption(numberOption('--quality', 'n', `of jpg and webp, 1..100 (default: ${QUALITY})`, 1))
    .option('--size <side>', 'resize first: a side, or HEIGHTxWIDTH; the aspect ratio is not kept')
    .addOption(
      new Option('--progress <share>', 'where in training schedules are read off, in 0..1').argParser(
        shareOf,
      ),
    )
    .addOption(numberOption('--workers', 'n', 'worker threads; the files are the same for any number'))
    .option('--overwrite', 'write anew what is there and differs')
    .option('--json', 'print one line of JSON in place of the summary')
    .action(run);
}

async function run(dir: string, out: string, flags: Flags): Promise<void> {
  const { transforms, leftOut } = await given(flags);
  const { copies, seed, quality, progress, workers = defaultWorkers(), overwrite = false } = flags;
  const format: EncodedFormat = encodedFormat(flags.format, 'augment: --format');
  if (quality !== undefined && (format === 'png' || quality > 100))
    throw new UsageError(
      `--quality: expected 1..100, of jpg or webp, but received ${quality} for ${flags.format}; leave it out`,
    );
  const { transforms: steps } = pipelineToJson(transforms);
  const settings = { seed, format, quality, progress, transforms: steps };
  const line = new ProgressLine('augment');
  const onProgress = (done: number, total: number) => line.update(done, total);
  const work = (signal: AbortSignal) =>
    augmentFolder({ dir, out, transforms, settings, copies, workers, overwrite, signal, onProgress }).finally(
      () => line.end(),
    );
  await interruptible(
    async (signal) => {
      const result = await work(signal);
      if (signal.aborted)
        say(`rxaug: ${result.written} files are written and whole; the same command continues from here`);
      else tell(out, result, leftOut, flags);
    },
    { stopping: 'stopping after the files at hand; once more to stop at once' },
  );
}

interface Given {
  readonly transforms: readonly SampleOperator[];
  /** What of a pipeline is not applied, each in a few words. */
  readonly leftOut: readonly string[];
}

async function given({ policy: name, pipeline, set, size, progress }: Flags): Promise<Given> {
  if ((name === undefined) === (pipeline === undefined))
    throw new UsageError(
      `augment: expected either --policy or --pipeline but received ${name === undefined ? 'neither' : 'both'}; write for example --policy trivial`,
    );
  if (pipeline === undefined) refuseSettings(set);
  const found =
    pipeline === undefined
      ? { transforms: [policy(name as string)], left: [] }
      : await transformsOf('augment', pipeline, set);
  const normalizing = found.transforms.filter(({ transform }) => transform.name === 'normalize');
  const leftOut = [...found.left, ...(normalizing.length > 0 ? ['normalize (files hold plain pixels)'] : [])];
  if (leftOut.length > 0) say(`rxaug: left out of the pipeline: ${leftOut.join(', ')}`);
  const transforms = found.transforms.filter((one) => !normalizing.includes(one));
  const moving = transforms.find(({ transform }) => dependsOnProgress(transform));
  if (moving && progress === undefined)
    throw new UsageError(
      `augment: ${moving.transform.name} follows a schedule; give --progress, where in training it is read off, in 0..1`,
    );
  const sized = size === undefined ? transforms : [resize({ size: sizeOf(size) }), ...transforms];
  return { transforms: sized, leftOut };
}

function sizeOf(text: string): number | [number, number] {
  const found = /^(\d+)(?:x(\d+))?$/.exec(text);
  const sides = [found?.[1], found?.[2] ?? found?.[1]].map(Number) as [number, number];
  if (found && sides.every((side) => side >= 1)) return sides;
  throw new UsageError(
    `--size: expected a side or HEIGHTxWIDTH but received '${text}'; write 224 or 160x224`,
  );
}

function tell(out: string, result: FolderResult, leftOut: readonly string[], { json, copies }: Flags): void {
  const { images, written, kept, failed, problems, others } = result;
  for (const { where, reason } of problems) say(`rxaug: ${where}: ${reason}`);
  const reasons = new Map<string, number>();
  for (const { reason } of failed) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  const sentences = [...reasons].map(([reason, count]) =>
    count > 1 ? `${reason} (${count} copies)` : reason,
  );
  for (const sentence of sentences.slice(0, SHOWN)) say(`rxaug: ${sentence}`);
  if (sentences.length > SHOWN) say(`rxaug: and ${sentences.length - SHOWN} more; --json lists all`);
  if (others > 0)
    say(`rxaug: ${others} files of earlier runs in '${out}' are not of this one; they were left as they are`);
  if (failed.length > 0) process.exitCode = EXIT.failure;
  if (json) printJson({ out, images, copies, written, kept, failed, problems, others, leftOut });
  else
    print(
      `${out}: ${written} files written of ${images} images${kept > 0 ? `, ${kept} were there already` : ''}${failed.length > 0 ? `, ${failed.length} could not be made` : ''}`,
    );
}
