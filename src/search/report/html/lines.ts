/** Curves over a search. */

import { Markup, markup } from '../../../report/html/markup.js';
import { brief } from '../words.js';
import { scaleOf } from './scale.js';

/** The colors of Okabe and Ito that are seen on light and on dark paper; more curves than these differ in their dashes. */
const COLORS = ['#2d8fcf', '#d55e00', '#009e73', '#cc79a7', '#c98a00'];
const DASHES = ['', '6 4', '2 3'];

export interface Curve {
  readonly name: string;
  /** A value that is not finite leaves a gap. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

const [WIDTH, LEFT, RIGHT, TOP, BOTTOM] = [400, 46, 388, 12, 158];

/** A chart with x from 0 to 1; the curves have the colors of `key`. */
export function lines(title: string, curves: readonly Curve[]): Markup {
  const { ticks, at } = scaleOf(
    curves.flatMap(({ points }) => points.map(([, y]) => y)),
    BOTTOM,
    TOP,
    4,
  );
  const across = (x: number) => Math.round(10 * (LEFT + x * (RIGHT - LEFT))) / 10;
  return markup`<figure><figcaption>${title}</figcaption><svg viewBox="0 0 ${WIDTH} 186" role="img" aria-label="${title}">
${ticks.map((tick) => markup`<path d="M${LEFT} ${at(tick)}H${RIGHT}" stroke="var(--line)"/><text class="faint" x="${LEFT - 6}" y="${at(tick) + 4}" text-anchor="end">${brief(tick)}</text>\n`)}${[0, 0.5, 1].map((x) => markup`<text class="faint" x="${across(x)}" y="${BOTTOM + 18}" text-anchor="${x === 1 ? 'end' : 'middle'}">${100 * x} %</text>`)}
${curves.map(drawn)}</svg></figure>`;

  function drawn({ points }: Curve, i: number): Markup {
    const color = colorOf(i);
    return markup`${runs(points).map((run) =>
      run.length === 1
        ? markup`<circle cx="${across(run[0][0])}" cy="${at(run[0][1])}" r="3" fill="${color}"/>`
        : markup`<polyline points="${run.map(([x, y]) => `${across(x)},${at(y)}`).join(' ')}" fill="none" stroke="${color}" stroke-width="2"${dash(i)}/>`,
    )}
`;
  }
}

/** The legend of `lines`. */
export function key(names: readonly string[]): Markup {
  return markup`<p class="soft">${names.map((name, i) => markup`<span class="key" style="border-top-color:${colorOf(i)};border-top-style:${dashOf(i) === '' ? 'solid' : 'dashed'}"></span>${name}`)}</p>`;
}

/** Stretches of points that are all finite. */
function runs(points: Curve['points']): Curve['points'][] {
  const all: (readonly [number, number])[][] = [[]];
  for (const point of points) {
    if (point.every(Number.isFinite)) all[all.length - 1].push(point);
    else all.push([]);
  }
  return all.filter((run) => run.length > 0);
}

const colorOf = (i: number): string => COLORS[i % COLORS.length];
const dashOf = (i: number): string => DASHES[Math.floor(i / COLORS.length) % DASHES.length];
const dash = (i: number): Markup | undefined =>
  dashOf(i) === '' ? undefined : new Markup(` stroke-dasharray="${dashOf(i)}"`);
