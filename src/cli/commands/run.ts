/** `rxaug run`: runs a pipeline. */
import { Command } from 'commander';
import { UsageError } from '../../core/index.js';
import { execute, type RunFlags, withRunning } from '../execute.js';
import { interruptible } from '../interrupt.js';
import { loadPipeline } from '../load-pipeline.js';
import { contextOf, withPipeline } from '../options.js';

export function runCommand(): Command {
  return withRunning(
    withPipeline(new Command('run').description('run a pipeline: train, or stream it if it does not train')),
  ).action(async (path: string, flags: RunFlags) => {
    const pipeline = await loadPipeline(path);
    if (flags.resume && !pipeline.run) throw new UsageError(`--resume: ${path} does not train; remove it`);
    await interruptible((signal) => execute(path, pipeline, contextOf(pipeline, flags, signal), flags), {
      stopping: 'stopping after this step; once more to stop at once',
    });
  });
}
