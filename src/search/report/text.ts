/** The report of a search for a terminal: at most 100 columns, the conclusion first. */
import { printable } from '../../core/index.js';
import { duration, percent } from '../../report/format.js';
import { plot } from '../../report/plot.js';
import { type Cell, table } from '../../report/table.js';
import { isOwn } from '../result.js';
import type { AppliedOp } from './applied.js';
import type { ArmFigures, Versus } from './arms.js';
import type { Findings } from './summary.js';
import {
  brief,
  counted,
  elsewhereWords,
  magnitudeWords,
  points,
  range,
  shareWords,
  signed,
} from './words.js';

const COLUMNS = 100;
/** Characters of a name in a table. */
const NAME = 22;
const PLOT = { width: 72, height: 7, xLabel: 'share of the search' };

/**
 * The report of a search for a terminal, at most 100 columns. Paragraphs: conclusion, arms, ops, searches, strength and
 * effective ops over time, cost, warnings and notes.
 *
 * @example
 * const print = (result: SearchResult, space: SearchSpace) => console.log(textReport(findingsOf(result, { space })));
 */
export function textReport(findings: Findings): string {
  const { result, summary, found, controls, versus } = findings;
  const chosen = summary.searches.findIndex((search) => search.chosen);
  const parts = [
    wrapped(summary.conclusion),
    armTable(found, controls, versus),
    chosen < 0 ? '' : opTable(findings, chosen),
    searchTable(findings),
    traces(findings),
    wrapped(cost(findings)),
    list('Take care', summary.warnings),
    list('Notes', result.notes),
    summary.policy === null ? '' : `Policy: ${printable(summary.policy)}`,
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

function armTable(found: ArmFigures, controls: readonly ArmFigures[], against: readonly Versus[]): string {
  const figures = ({ name, mean, sd, ...arm }: ArmFigures): Cell[] => [
    printable(name, NAME),
    mean === undefined ? undefined : percent(mean),
    sd === undefined ? undefined : (100 * sd).toFixed(1),
    trainingsOf(arm),
  ];
  const head = ['arm', 'accuracy', 'sd', 'trainings', 'found is', '95 % interval', 'pairs'];
  return table(head, [
    [...figures(found), undefined, undefined, undefined],
    ...controls.map((control, i): Cell[] => {
      const { difference, low, high, pairs } = against[i];
      return [
        ...figures(control),
        difference === undefined ? undefined : points(difference),
        low === undefined || high === undefined ? undefined : range(low, high),
        pairs,
      ];
    }),
  ]);
}

function opTable({ applied, worth, worthElsewhere, summary, result }: Findings, chosen: number): string {
  const { ops, count, strength, effectiveOps } = applied[chosen];
  const head = ['op', 'share', 'mean ± sd', 'range', 'strength', 'worth'];
  const rows = ops.map((op): Cell[] => {
    const value = worth.get(op.op);
    return [
      printable(op.op, NAME),
      shareWords(op.share),
      ...magnitude(op),
      op.strength.toFixed(2),
      value === undefined ? undefined : signed(value),
    ];
  });
  const { moved, policy } = result.searches[chosen];
  const among = policy.network
    ? 'all by one network'
    : `effective ops ${brief(effectiveOps)} of ${ops.filter((op) => !op.onBatches).length}`;
  const total = wrapped(
    `${brief(count)} ops an image, strength ${brief(strength)}, ${among}${moved === undefined ? '' : `, parameters moved by ${brief(moved)}`}.`,
  );
  const which = summary.searches.length > 1 ? `Policy of search ${chosen + 1}:\n` : '';
  const elsewhere = elsewhereWords(worthElsewhere);
  return `${which}${table(head, rows)}\n${total}${elsewhere ? `\n${wrapped(elsewhere)}` : ''}`;
}

function magnitude({ magnitude: own, bounds }: AppliedOp): Cell[] {
  if (!own || !bounds) return [undefined, undefined];
  const { mean, sd, low, high } = own;
  const words = (value: number) => magnitudeWords(value, bounds);
  return [
    `${words(mean)} ± ${words(sd)}`,
    `${words(low)} to ${words(high)} ${printable(bounds.unit, NAME - 4)}`,
  ];
}

function searchTable({ summary, bySearch }: Findings): string {
  if (summary.searches.length === 0) return '';
  const head = ['search', 'seed', 'accuracy', 'trainings', 'strength', 'effective ops', 'moved', 'time', ''];
  const rows = summary.searches.map((search, i): Cell[] => {
    const { seed, seconds, strength, effectiveOps, moved, chosen } = search;
    const { mean } = bySearch[i];
    return [
      i + 1,
      seed,
      mean === undefined ? undefined : percent(mean),
      trainingsOf(bySearch[i]),
      brief(strength),
      brief(effectiveOps),
      moved === null ? undefined : brief(moved),
      duration(seconds),
      chosen ? 'chosen' : '',
    ];
  });
  return `${table(head, rows)}${betweenWords(summary)}`;
}

/** How the searches differ, which no interval holds. */
function betweenWords({ betweenSearches: spread, best, searches }: Findings['summary']): string {
  if (spread === null || best === null) return '';
  const each = searches.map(({ versusBest }, i) =>
    versusBest === null ? '' : `search ${i + 1} ${points(versusBest)}`,
  );
  return `\n${wrapped(
    `Points from ${printable(best, NAME)}: ${each.filter((one) => one !== '').join(', ')}. Between searches the standard deviation is ${(100 * spread).toFixed(1)} points, some of which is chance of the trainings; the interval above is over pairs of trainings and does not hold it.`,
  )}`;
}

/** How many trainings the figures are of, and of how many where others diverged. */
export const trainingsOf = ({ runs, failed }: Pick<ArmFigures, 'runs' | 'failed'>): string | number =>
  failed > 0 ? `${runs.length} of ${runs.length + failed}` : runs.length;

function traces({ result: { searches } }: Findings): string {
  const drawn = (title: string, value: 'strength' | 'effectiveOps') => {
    const series = searches.map(({ trace }, i) => ({
      name: String(i + 1),
      points: trace.map((point) => [point.progress, point[value]] as const),
    }));
    const any = series.some((one) => one.points.some((point) => point.every(Number.isFinite)));
    return any ? plot(series, { ...PLOT, title, min: 0 }) : '';
  };
  return [
    drawn('strength, by search', 'strength'),
    drawn('effective ops (the exponential of the entropy), by search', 'effectiveOps'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** What the time went to; searches and trainings may have run side by side. */
export function cost({ result, found, controls }: Findings): string {
  const { seconds, budget, searches } = result;
  const total = (all: readonly { readonly seconds: number }[]) =>
    all.reduce((sum, one) => sum + one.seconds, 0);
  const trainings = result.arms.reduce((sum, { runs }) => sum + runs.filter(isOwn).length, 0);
  return `Cost: ${duration(seconds)} of a budget of ${duration(budget)}; ${searches.length} ${searches.length === 1 ? 'search' : 'searches'} of ${duration(total(searches))} together, ${counted(trainings, 'training')} of ${duration(total([found, ...controls]))} together.`;
}

function list(title: string, sentences: readonly string[]): string {
  if (sentences.length === 0) return '';
  return [`${title}:`, ...sentences.map((one) => wrapped(printable(one, 1000), '  - ', '    '))].join('\n');
}

/** Broken into lines of at most 100 columns; a word that is longer is broken too. */
function wrapped(text: string, first = '', next = ''): string {
  const lines: string[] = [];
  let line = '';
  const room = () => COLUMNS - (lines.length === 0 ? first : next).length;
  for (let word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room()) {
      lines.push(line);
      line = '';
    }
    while (word.length > room()) {
      const most = room();
      lines.push(word.slice(0, most));
      word = word.slice(most);
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines.map((one, i) => (i === 0 ? first : next) + one).join('\n');
}
