/** Options that several commands share, and the context that they make for a pipeline. */
import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { UsageError } from '../core/index.js';
import type { PipelineContext } from '../pipeline/define-pipeline.js';
import { watchedParts } from '../stream/plugin-parts.js';
import { BACKEND_REQUESTS, type BackendRequest } from '../train/backends/backend.js';
import type { LoadedPipeline } from './load-pipeline.js';
import { byName } from './load-plugins.js';
import { say } from './out.js';
import { sampleSheets } from './sample-sheets.js';
import { applySettings } from './settings.js';

export interface PipelineFlags {
  readonly set: string[];
  readonly seed: number;
  readonly workers?: number;
}

/** A whole number at least so large, for `argParser`. */
function wholeNumber(flag: string, least = 0): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text.trim()) && Number.isSafeInteger(value) && value >= least) return value;
    throw new UsageError(`${flag}: expected a whole number ≥ ${least} but received '${text}'`);
  };
}

export function numberOption(flag: string, name: string, text: string, least = 0): Option {
  return new Option(`${flag} <${name}>`, text).argParser(wholeNumber(flag, least));
}

/** Adds the argument and the options that every command with a pipeline has. */
export function withPipeline(command: Command): Command {
  return command
    .argument('<pipeline>', 'path of a pipeline script, .ts or .js')
    .option('--set <key=value>', "change one of the pipeline's settings; repeatable", collect, [])
    .addOption(numberOption('--seed', 'n', 'key of all randomness').default(0))
    .addOption(numberOption('--workers', 'n', 'worker threads that render; 0 renders on the main thread'));
}

/** `--plugin`, for commands that may do without a pipeline. */
export function pluginOption(): Option {
  return new Option('--plugin <file-or-package>', 'a plugin whose transforms the recipe names; repeatable')
    .argParser(collect)
    .default([], 'none');
}

/** For `argParser` of an option that may be given several times. */
export function collect(value: string, all: string[]): string[] {
  return [...all, value];
}

/** The context of a pipeline. The log goes to stderr: stdout is for data. */
export function contextOf(
  pipeline: LoadedPipeline,
  flags: PipelineFlags & { backend?: BackendRequest; out?: string; resume?: boolean; samples?: number },
  signal: AbortSignal,
): PipelineContext {
  const out = resolve(flags.out ?? `runs/${pipeline.name}`);
  return {
    settings: applySettings(pipeline.settings, flags.set),
    seed: flags.seed,
    workers: flags.workers,
    backend: flags.backend ?? 'auto',
    out,
    resume: flags.resume ?? false,
    signal,
    samples: sampleSheets(`${out}/samples`, flags.samples),
    plugins: byName(pipeline.loaded.map(watchedParts)),
    log: say,
  };
}

/** `--backend`. */
export function backendOption(): Option {
  return new Option('--backend <name>', 'what computes').choices(BACKEND_REQUESTS).default('auto');
}

/** A share in 0..1, for `argParser`. */
export function shareOf(text: string): number {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value <= 1) return value;
  throw new UsageError(`--progress: expected a number in 0..1 but received '${text}'`);
}
