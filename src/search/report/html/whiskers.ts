/** Dots with whiskers: a mean and its interval in each row. */
import { printable } from '../../../core/index.js';
import { type Markup, markup } from '../../../report/html/markup.js';
import { scaleOf } from './scale.js';

/** One row. */
export interface Whisker {
  readonly name: string;
  /** Absent: an empty row, which says why in `lacking`. */
  readonly mean?: number;
  readonly low?: number;
  readonly high?: number;
  /** Single values, as small dots. */
  readonly dots?: readonly number[];
  /** A CSS color. */
  readonly color: string;
  readonly lacking?: string;
}

interface Options {
  /** What the drawing shows, for those who cannot see it. */
  readonly label: string;
  readonly format: (value: number) => string;
  /** A line at 0. */
  readonly zero?: boolean;
}

const [WIDTH, LEFT, RIGHT, ROW, TOP] = [430, 146, 408, 28, 10];

export function whiskers(rows: readonly Whisker[], { label, format, zero = false }: Options): Markup {
  const all = rows.flatMap(({ mean, low, high, dots = [] }) => [mean, low, high, ...dots]);
  const values = [...all.filter((value) => value !== undefined), ...(zero ? [0] : [])];
  const { ticks, at } = scaleOf(values, LEFT, RIGHT, 4);
  const bottom = TOP + ROW * rows.length;
  return markup`<svg viewBox="0 0 ${WIDTH} ${bottom + 26}" role="img" aria-label="${label}">
${ticks.map((tick) => markup`<path d="M${at(tick)} ${TOP}V${bottom}" stroke="var(--line)"/><text class="faint" x="${at(tick)}" y="${bottom + 18}" text-anchor="middle">${format(tick)}</text>\n`)}${zero ? markup`<path d="M${at(0)} ${TOP}V${bottom}" stroke="var(--ink)" stroke-dasharray="3 3"/>` : undefined}
${rows.map((row, i) => drawn(row, TOP + ROW * (i + 0.5)))}</svg>`;

  function drawn({ name, mean, low, high, dots = [], color, lacking }: Whisker, y: number): Markup {
    const whole = low !== undefined && high !== undefined;
    return markup`<g><title>${name}</title><text x="${LEFT - 12}" y="${y + 4}" text-anchor="end">${printable(name, 21)}</text>
${dots.map((dot) => markup`<circle cx="${at(dot)}" cy="${y}" r="2.5" fill="${color}" fill-opacity=".4"/>`)}${
  whole
    ? markup`<path d="M${at(low)} ${y}H${at(high)}M${at(low)} ${y - 5}v10M${at(high)} ${y - 5}v10" stroke="${color}" stroke-width="2" fill="none"/>`
    : undefined
}${mean === undefined ? markup`<text class="faint" x="${LEFT + 6}" y="${y + 4}">${lacking}</text>` : markup`<circle cx="${at(mean)}" cy="${y}" r="5" stroke="${color}" stroke-width="2" fill="${whole ? color : 'var(--paper)'}"/>`}</g>
`;
  }
}
