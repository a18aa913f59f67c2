/**
 * `rxaug gan`: trains the generative model of a pipeline. It is `rxaug run` with reports on the samples: a contact
 * sheet at intervals, each evaluation in a table, and a warning when the generator collapses.
 */
import { Command } from 'commander';
import type { EvaluationEvent } from '../../core/events.js';
import { UsageError } from '../../core/index.js';
import { short } from '../../report/format.js';
import { table } from '../../report/table.js';
import { type Also, execute, type RunFlags, withRunning } from '../execute.js';
import { interruptible } from '../interrupt.js';
import { loadPipeline } from '../load-pipeline.js';
import { contextOf, numberOption, withPipeline } from '../options.js';

interface Flags extends RunFlags {
  readonly samples: number;
}

export function ganCommand(): Command {
  return withRunning(
    withPipeline(
      new Command('gan').description(
        'train the generative model of a pipeline, with sheets of samples and its metrics',
      ),
    ),
  )
    .addOption(numberOption('--samples', 'n', 'steps from one sheet of samples to the next', 1).default(500))
    .action(async (path: string, flags: Flags) => {
      const pipeline = await loadPipeline(path);
      if (!pipeline.run)
        throw new UsageError(`gan: ${path} does not train; give it a run, or use rxaug preview`);
      const { warningOf } = await import('../../gan/index.js'); // after the pipeline, which has it loaded
      await interruptible(
        (signal) => execute(path, pipeline, contextOf(pipeline, flags, signal), flags, watching(warningOf)),
        { stopping: 'stopping after this step; once more to stop at once' },
      );
    });
}

/** Evaluations of the generative model: those with metrics that a classifier does not have. */
export function watching(warningOf: (metrics: EvaluationEvent['metrics']) => string | undefined): Also {
  const seen: EvaluationEvent[] = [];
  const warnings: { step: number; message: string }[] = [];
  return {
    say(event) {
      if (event.kind !== 'evaluation' || event.run !== undefined) return undefined;
      seen.push(event);
      const message = warningOf(event.metrics);
      if (message === undefined) return undefined;
      warnings.push({ step: event.step, message });
      return `step ${event.step}: ${message}`;
    },
    values: () => ({
      evaluations: seen.map(({ set, step, epoch, samples, metrics }) => ({
        set,
        step,
        epoch,
        samples,
        ...metrics,
      })),
      ...(warnings.length > 0 && { warnings }),
    }),
    text() {
      if (seen.length === 0) return '';
      const names = Object.keys(seen[0].metrics);
      const rows = seen.map(({ step, metrics }) => [
        step,
        ...names.map((name) => (name in metrics ? short(metrics[name]) : undefined)),
      ]);
      return table(['step', ...names], rows);
    },
  };
}
