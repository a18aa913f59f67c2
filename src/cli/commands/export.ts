/** `rxaug export`: a pipeline or policy as a Python file for torchvision or albumentations. */
import { Command, Option } from 'commander';
import {
  asPipeline,
  completed,
  EXPORT_TARGETS,
  type ExportTarget,
  exportPython,
  type PipelineJson,
  pipelineToJson,
  policy,
} from '../../augment/index.js';
import { replaceFile } from '../../core/files/write-file.js';
import { messageOf, UsageError } from '../../core/index.js';
import { augmentationOf } from '../augmentation-of.js';
import { interruptible } from '../interrupt.js';
import { loadPipeline } from '../load-pipeline.js';
import { collect, contextOf, numberOption, shareOf } from '../options.js';
import { printJson, say } from '../out.js';
import { refuseSettings } from '../settings.js';
import { isScript, textOf } from '../transforms-of.js';

interface Flags {
  readonly to: ExportTarget;
  readonly out?: string;
  readonly progress: number;
  readonly skipUnknown?: boolean;
  readonly classes?: number;
  readonly set: string[];
  readonly json?: boolean;
}

export function exportCommand(): Command {
  return new Command('export')
    .description('write a pipeline or policy as Python for torchvision or albumentations')
    .argument(
      '<pipeline>',
      'a pipeline script (.ts, .js), JSON (a .json file or the text), or a policy such as rand-m9-n2',
    )
    .addOption(new Option('--to <library>', 'who will augment').choices(EXPORT_TARGETS).makeOptionMandatory())
    .option('--out <file>', 'the Python file to write (default: stdout)')
    .addOption(
      new Option('--progress <share>', 'where in training schedules are read off, in 0..1')
        .argParser(shareOf)
        .default(1),
    )
    .option('--skip-unknown', 'leave out what the library does not have, and report it')
    .addOption(numberOption('--classes', 'n', 'number of classes, for mixup and cutmix', 1))
    .option('--set <key=value>', "change one of the script's settings; repeatable", collect, [])
    .option('--json', 'print an object: code, read, skipped, foreign (operators that are no transforms)')
    .action(async (given: string, flags: Flags) => {
      const { source, pipeline, foreign = 0 } = await read(given, flags);
      if (foreign > 0) say(`rxaug: operators that are no transforms were left out: ${foreign}`);
      const { code, read: values, skipped } = exportPython(pipeline, { ...flags, source });
      for (const sentence of skipped) say(`rxaug: left out: ${sentence}`);
      if (flags.out !== undefined) replaceFile(flags.out, code);
      const { to, out, progress } = flags;
      if (flags.json)
        printJson({ to, out, progress, read: values, skipped, ...(foreign > 0 && { foreign }), code });
      else process.stdout.write(out === undefined ? code : `${out}\n`);
    });
}

interface Read {
  readonly source: string;
  readonly pipeline: PipelineJson;
  /** Operators of the script that are no transforms. */
  readonly foreign?: number;
}

async function read(given: string, flags: Flags): Promise<Read> {
  if (isScript(given)) return fromScript(given, flags);
  refuseSettings(flags.set);
  if (/^\s*[[{]/.test(given)) return { source: 'A pipeline', pipeline: fromText(given) };
  if (given.endsWith('.json')) return { source: given, pipeline: fromText(textOf('export', given)) };
  if (/[/\\.]/.test(given.replace(/\d\.\d/g, '')))
    throw new UsageError(
      `export: expected a script (.ts, .js), JSON (.json) or a policy but received '${given}'; check its ending`,
    );
  return { source: given, pipeline: pipelineToJson([policy(given)]) };
}

function fromText(text: string): PipelineJson {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`export: expected JSON but received text that is not (${messageOf(error)}); fix it`);
  }
  return completed(asPipeline(value));
}

async function fromScript(path: string, { set }: Flags): Promise<Read> {
  const pipeline = await loadPipeline(path);
  let read: Read | undefined;
  await interruptible(async (signal) => {
    const context = contextOf(pipeline, { set, seed: 0 }, signal);
    const { json, foreign } = await augmentationOf(path, pipeline, context);
    read = { source: path, pipeline: json, foreign };
  });
  return read as Read;
}
