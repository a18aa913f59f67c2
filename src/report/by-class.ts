/** Runs class by class: how much of each class they recognize, and what they take it for. */
import type { ByClass } from '../core/events.js';
import { printable } from '../core/printable.js';
import { percent } from './format.js';
import { type Cell, table } from './table.js';

/** Classes that a table for people lists; the others are those with a higher accuracy. */
const LISTED = 20;
/** Mistakes that a line names. */
const NAMED = 5;

interface NamedRun {
  readonly name: string;
  readonly byClass?: ByClass;
}

/** One kind of mistake: so many samples of a class were taken for another. */
export interface Mistake {
  readonly of: string;
  readonly as: string;
  readonly count: number;
  /** Samples of the class that were measured. */
  readonly samples: number;
}

/** The commonest mistakes first; none where there is no matrix. */
export function mistakesOf({ classes, samples, confusion = [] }: ByClass, most = NAMED): Mistake[] {
  const all = confusion.flatMap((row, i) =>
    row.flatMap((count, j) =>
      i === j || count === 0
        ? []
        : [{ of: classes[i] as string, as: classes[j] as string, count, samples: samples[i] as number }],
    ),
  );
  return all.sort((a, b) => b.count - a.count).slice(0, most);
}

/** Accuracy by class, a column a run, the least recognized classes first, and the commonest mistakes of each run. */
export function byClassTables(runs: readonly NamedRun[]): string {
  const measured = runs.flatMap(({ name, byClass }) => (byClass ? [{ name, byClass }] : []));
  if (measured.length === 0) return '';
  const names = [...new Set(measured.flatMap(({ byClass }) => byClass.classes))];
  const rows = names.map((name) => {
    const shares = measured.map(({ byClass }) => {
      const at = byClass.classes.indexOf(name);
      return at < 0 ? undefined : (byClass.accuracy[at] ?? undefined);
    });
    const known = shares.filter((share) => share !== undefined);
    const mean = known.reduce((sum, share) => sum + share, 0) / Math.max(1, known.length);
    return { name, shares, mean: known.length > 0 ? mean : Number.POSITIVE_INFINITY };
  });
  const listed = [...rows].sort((a, b) => a.mean - b.mean).slice(0, LISTED);
  const head = ['test accuracy by class', ...measured.map(({ name }) => name)];
  const cells = listed.map(({ name, shares }): Cell[] => [
    name,
    ...shares.map((share) => (share === undefined ? undefined : percent(share))),
  ]);
  const more = names.length - listed.length;
  const rest = more > 0 ? `\n${more} classes with a higher accuracy are not listed; --json has all` : '';
  const mistakes = measured.flatMap(({ name, byClass }) => {
    const mistakes = mistakesOf(byClass).map(
      ({ of, as, count, samples }) => `${printable(of, 60)} for ${printable(as, 60)} ${count} of ${samples}`,
    );
    return mistakes.length > 0 ? [`${name}: takes ${mistakes.join(', ')}`] : [];
  });
  return [`${table(head, cells)}${rest}`, ...(mistakes.length > 0 ? [mistakes.join('\n')] : [])].join('\n\n');
}

/** The confusion matrix of a run: a row a true class, a column what it is taken for. */
export function confusionTable({ name, byClass }: NamedRun): string {
  if (!byClass)
    return `${name}: has no confusion matrix; a run has one when train() is given a validation stream`;
  if (!byClass.confusion) return `${name}: has no confusion matrix; it is kept for up to 100 classes`;
  const { classes, confusion } = byClass;
  const rows = confusion.map((row, i): Cell[] => [classes[i], ...row.map((count) => count || '·')]);
  return table([`${name}: taken for →`, ...classes], rows);
}
