/**
 * `rxaug compare`: compares runs: a table on stdout and a picture of their curves. A log that cannot be read gets one
 * sentence on stderr and exit code 1; the others are still compared.
 */
import { Command } from 'commander';
import { replaceFile } from '../../core/files/write-file.js';
import { messageOf, RxaugError, show, showNames, UsageError } from '../../core/index.js';
import { confusionTable } from '../../report/by-class.js';
import { chart } from '../../report/chart.js';
import { compared, comparison, curvesOf, differing } from '../../report/compare.js';
import { type RunLog, readRunLog } from '../../report/run-log.js';
import { EXIT } from '../exit.js';
import { print, printJson, say } from '../out.js';

interface Flags {
  readonly out: string;
  readonly metric?: string;
  readonly confusion?: boolean;
  readonly json?: boolean;
}

export function compareCommand(): Command {
  return new Command('compare')
    .description('compare runs: a table, and a picture of their curves')
    .argument('<run...>', 'folders that rxaug run wrote to, or .jsonl files of events')
    .option('--out <curves.svg>', 'the picture: solid lines test, dashed ones train', 'compare.svg')
    .option(
      '--metric <name>',
      'what the picture shows: accuracy, loss, ece, kid, … (default: accuracy, or kid)',
    )
    .option('--confusion', 'print the confusion matrix of every run too')
    .option('--json', 'print one line of JSON in place of the tables: with all classes and matrices')
    .action(async (paths: string[], flags: Flags) => {
      if (!/\.svg$/i.test(flags.out))
        throw new UsageError(`--out: expected a path that ends in .svg but received '${flags.out}'`);
      const { runs, problems } = readAll(paths);
      for (const { sentence } of problems) say(`rxaug: ${sentence}`);
      if (problems.some(({ fatal }) => fatal)) process.exitCode = EXIT.failure;
      if (runs.length === 0) throw new RxaugError('compare: there is no run to compare');
      draw(runs, flags);
      if (flags.json) {
        const [rows, differ] = [
          runs.map((run) => ({ ...compared(run), options: run.options })),
          differing(runs),
        ];
        const messages = problems.map(({ sentence }) => sentence);
        const result = { runs: rows, differ, plot: flags.out, problems: messages };
        printJson(result);
        return;
      }
      const matrices = flags.confusion ? runs.map((run) => `\n\n${confusionTable(compared(run))}`) : [];
      print(`${comparison(runs)}${matrices.join('')}\n\ncurves: ${flags.out}`);
    });
}

interface Problem {
  readonly sentence: string;
  /** The log could not be compared at all. */
  readonly fatal: boolean;
}

function readAll(paths: readonly string[]): { runs: RunLog[]; problems: Problem[] } {
  const runs: RunLog[] = [];
  const problems: Problem[] = [];
  for (const path of new Set(paths)) {
    try {
      const log = readRunLog(path);
      runs.push(...log.runs);
      if (log.warning) problems.push({ sentence: log.warning, fatal: false });
    } catch (error) {
      problems.push({ sentence: messageOf(error), fatal: true });
    }
  }
  return { runs, problems };
}

function draw(runs: readonly RunLog[], { out, metric: asked }: Flags): void {
  const metric = asked ?? ['accuracy', 'kid'].find((name) => curvesOf(runs, name).length > 0) ?? 'loss';
  const curves = curvesOf(runs, metric);
  if (curves.length === 0) {
    const known = new Set(
      runs.flatMap(({ epochs }) =>
        epochs.flatMap(({ validation, train }) => Object.keys(validation ?? train ?? {})),
      ),
    );
    const why = known.has(metric)
      ? `${show(metric)} is not a number in any epoch`
      : `no run has ${show(metric)}`;
    throw new UsageError(`--metric: ${why}; there are ${showNames([...known])}`);
  }
  const series = curves.map(({ run, set, ...one }) => ({ ...one, color: run, dashed: set === 'train' }));
  const legend = runs.map(({ name }) => name);
  const title = `${metric}: test solid, train dashed`;
  replaceFile(out, chart(series, { title, xLabel: 'epoch', legend }));
}
