/** The part of the report on scores that models gave. */
import { grouped, percent } from '../../report/format.js';
import { grid, type Markup, markup } from '../../report/html/markup.js';
import type { Distribution } from '../score/distribution.js';

const SHARES = ['5 %', '25 %', 'half', '75 %', '95 %'];
const short = (value: number) => String(Number(value.toPrecision(3)));

export function scoreSection(scores: readonly Distribution[] = []): Markup | undefined {
  if (scores.length === 0) return undefined;
  return markup`<h2>Scores</h2>
<p>Of all images that were scored, those left out too; what filters without a model leave out is not scored.</p>
${scores.map(one)}`;
}

function one(found: Distribution): Markup {
  const { filter, what, min, max, images, without, beyond, mean, quantiles, least, most } = found;
  const limits = [
    ...(min === undefined ? [] : [`at least ${min}`]),
    ...(max === undefined ? [] : [`at most ${max}`]),
  ].join(' and ');
  return markup`<h3>${filter}: ${what}</h3>
<p>Limits: ${limits}. Beyond them: ${grouped(beyond)} of ${grouped(images)} images${
    images > 0 ? ` (${percent(beyond / images)})` : ''
  }${without > 0 ? `; without a score: ${grouped(without)}` : ''}.</p>
${grid(
  ['', 'least', ...SHARES.map((share) => `${share} below`), 'most', 'mean'],
  [[what, ...[least, ...quantiles, most, mean].map(short)]],
  [1, 2, 3, 4, 5, 6, 7, 8],
)}
${grid(['from', 'to', 'images', ''], bars(found), [0, 1, 2])}`;
}

/** A bar of text for each part of the range: it needs no picture, and is read aloud. */
function bars({ from, to, counts }: Distribution): (string | Markup)[][] {
  const largest = counts.reduce((most, n) => Math.max(most, n), 1);
  const edge = (i: number) => short(from + (i * (to - from)) / counts.length);
  return counts.map((n, i) => [
    edge(i),
    edge(i + 1),
    grouped(n),
    markup`<span aria-hidden="true">${'█'.repeat(n === 0 ? 0 : Math.max(1, Math.round((40 * n) / largest)))}</span>`,
  ]);
}
