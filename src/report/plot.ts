import { printable } from '../core/printable.js';

/** A named curve: points [x, y] in the order of x. */
export interface Series {
  readonly name: string;
  /** In the order of x; a value that is not finite leaves a gap. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** Options of `plot`. */
export interface PlotOptions {
  /** Columns of the drawing itself, without the labels. */
  readonly width?: number;
  /** Rows. */
  readonly height?: number;
  readonly title?: string;
  /** Label of the horizontal axis: 'epoch'. */
  readonly xLabel?: string;
  /** Bounds of the vertical axis; default what the data spans. */
  readonly min?: number;
  readonly max?: number;
  readonly format?: (value: number) => string;
}

const MARKS = ['•', '×', '+', 'o', '*', '#', '%', '@'];

/**
 * Draws curves as text, for a terminal. Each series has a mark of its own, so no color is needed:
 *
 *     1.0 ┤          ·····××××
 *         │    ··××××
 *     0.2 ┤··××
 *         └───────────────────
 *          0                 9
 *     · train  × test
 *
 * @param series curves, such as those of `curves`; points that are not finite leave gaps
 * @param options `width` (default 60 columns), `height` (default 12 rows), `title`, `xLabel`, `min` and `max` (default:
 * the range of the data), `format` of the labels
 *
 * @example
 * plot([{ name: 'accuracy', points: [[1, 0.2], [2, 0.5], [3, 0.8]] }], { width: 20, height: 5 }).split('\n').length // → 8
 */
export function plot(series: readonly Series[], options: PlotOptions = {}): string {
  const { width = 60, height = 12, xLabel, format = (v) => String(Number(v.toPrecision(3))) } = options;
  const title = options.title && printable(options.title);
  const all = series.flatMap(({ points }) => points.filter(isFinitePoint));
  if (all.length === 0) return [title, '(nothing to draw yet)'].filter(Boolean).join('\n');
  const [left, right] = span(all.map(([x]) => x));
  const [low, high] = span(
    all.map(([, y]) => y),
    options.min,
    options.max,
  );

  const grid = Array.from({ length: height }, () => Array<string>(width).fill(' '));
  const column = (x: number) =>
    right === left ? 0 : Math.round(((x - left) / (right - left)) * (width - 1));
  const mark = (at: number, y: number, sign: string) => {
    const row = Math.round((1 - (y - low) / (high - low)) * (height - 1));
    if (row >= 0 && row < height) grid[row][at] = sign;
  };
  series.forEach(({ points }, i) => {
    const sign = MARKS[i % MARKS.length];
    points.forEach((point, j) => {
      if (!isFinitePoint(point)) return;
      const [x, y] = point;
      const from = column(x);
      mark(from, y, sign);
      const next = points[j + 1];
      if (!next || !isFinitePoint(next)) return;
      for (let at = from + 1; at < column(next[0]); at++) {
        mark(at, y + ((next[1] - y) * (at - from)) / (column(next[0]) - from), sign);
      }
    });
  });

  const labels = grid.map((_, row) =>
    row % 4 === 0 || row === height - 1 ? format(high - ((high - low) * row) / Math.max(1, height - 1)) : '',
  );
  const margin = Math.max(...labels.map((label) => label.length));
  const rows = grid.map(
    (cells, row) => `${labels[row].padStart(margin)} ${labels[row] ? '┤' : '│'}${cells.join('').trimEnd()}`,
  );
  const [first, last] = [format(left), format(right)];
  const between = Math.max(1, width - first.length - last.length);
  const label = xLabel && xLabel.length + 2 <= between ? xLabel : '';
  const before = Math.floor((between - label.length) / 2);
  const axis = first + ' '.repeat(before) + label + ' '.repeat(between - label.length - before) + last;
  const legend = series.map(({ name }, i) => `${MARKS[i % MARKS.length]} ${printable(name)}`).join('  ');
  const indent = ' '.repeat(margin);
  return [
    ...(title ? [`${indent}  ${title}`] : []),
    ...rows,
    `${indent} └${'─'.repeat(width)}`,
    `${indent}  ${axis}`,
    `${indent}  ${legend}`,
  ].join('\n');
}

const isFinitePoint = (point: readonly [number, number]) => point.every(Number.isFinite);

/** Range of the values, or as given; never empty, so a flat line is drawn too. */
export function span(values: readonly number[], min?: number, max?: number): [number, number] {
  const low = min ?? Math.min(...values);
  const high = max ?? Math.max(...values);
  if (high > low) return [low, high];
  const half = Math.max(Math.abs(low) * 0.05, 1e-6);
  return [low - half, high + half];
}
