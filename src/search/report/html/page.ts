/** The report of a search as one HTML file that needs nothing else: no script, no font, no picture from elsewhere. */
import { duration, percent } from '../../../report/format.js';
import { grid, type Markup, markup, type Part, Markup as Raw } from '../../../report/html/markup.js';
import { STYLE } from '../../../report/html/style.js';
import type { Findings } from '../summary.js';
import { cost, trainingsOf } from '../text.js';
import { brief, elsewhereWords, magnitudeWords, points, range, shareWords, signed } from '../words.js';
import { key, lines } from './lines.js';
import { magnitudeBar } from './magnitude-bar.js';
import { type PolicyPictures, policySection } from './policy-section.js';
import { reading } from './reading.js';
import { whiskers } from './whiskers.js';

/**
 * The page: conclusion, arms, policy, ops, course of the searches, cost, data and settings, and how to read it.
 *
 * @param pictures of the policies; without them the policies are described in words only
 *
 * @example
 * const page = (result: SearchResult, space: SearchSpace) => htmlPage(findingsOf(result, { space }));
 */
export function htmlPage(findings: Findings, pictures?: PolicyPictures): string {
  const { summary } = findings;
  const page = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>Policy search: ${summary.pipeline}</title><style>${new Raw(STYLE)}</style></head>
<body><main>
<p class="soft">Policy search · ${summary.pipeline} · strategy ${summary.strategy} · seed ${summary.seed}</p>
<div class="verdict ${summary.verdict}"><h1>${summary.conclusion}</h1></div>
${facts(findings)}
${sentences('Take care', summary.warnings)}
${arms(findings)}
${summary.searches.length > 0 ? policySection(findings, pictures) : undefined}
${ops(findings)}
${course(findings)}
${data(findings)}
${sentences('Notes', summary.notes)}
${reading}
</main></body></html>
`;
  return page.text;
}

/** How many ops of the space act on single images. */
const opsOfImages = ({ applied, chosen }: Findings) =>
  (applied[chosen ?? 0]?.ops ?? []).filter((op) => !op.onBatches).length;

function facts(findings: Findings): Markup {
  const { summary, found, controls, result } = findings;
  const ofNetwork = findings.chosen !== undefined && result.searches[findings.chosen].policy.network;
  const best = controls.find(({ name }) => name === summary.best);
  const all: [string, string | undefined][] = [
    ['found', found.mean === undefined ? undefined : percent(found.mean)],
    [best ? `best control: ${best.name}` : '', best?.mean === undefined ? undefined : percent(best.mean)],
    [
      'effective ops',
      summary.effectiveOps === null || ofNetwork
        ? undefined
        : `${brief(summary.effectiveOps)} of ${opsOfImages(findings)}`,
    ],
    ['strength', summary.strength === null ? undefined : brief(summary.strength)],
    ['parameters moved by', summary.moved === null ? undefined : brief(summary.moved)],
    [`time, of ${duration(summary.budget)}`, duration(summary.seconds)],
  ];
  return markup`<dl class="facts">${all.map(([name, value]) => (value === undefined ? undefined : markup`<div><dt>${name}</dt><dd>${value}</dd></div>`))}</dl>`;
}

function sentences(title: string, all: readonly string[]): Markup | undefined {
  if (all.length === 0) return undefined;
  return markup`<h3>${title}</h3><ul class="care">${all.map((one) => markup`<li>${one}</li>`)}</ul>`;
}

function arms({ found, controls, versus }: Findings): Markup {
  const share = (value: number) => `${brief(100 * value)} %`;
  const inPoints = (value: number) => (value === 0 ? '0' : signed(100 * value));
  const rows = [found, ...controls].map((arm, i) => {
    const against = versus[i - 1];
    return [
      arm.name,
      arm.mean === undefined ? undefined : percent(arm.mean),
      arm.sd === undefined ? undefined : (100 * arm.sd).toFixed(1),
      trainingsOf(arm),
      against?.difference === undefined ? undefined : points(against.difference),
      against?.low === undefined || against.high === undefined ? undefined : range(against.low, against.high),
      against?.pairs,
      markup`<span class="runs">${arm.runs.map((run) => (100 * run).toFixed(1)).join(' ')}</span>`,
    ] satisfies Part[];
  });
  return markup`<h2>Found against each control</h2>
<div class="charts"><figure><figcaption>Found minus control, in points of accuracy, with 95 % intervals over pairs. Right of the dashed line found is better.</figcaption>
${whiskers(
  versus.map(({ control, difference, low, high }) => ({
    ...{ name: control, mean: difference, low, high },
    color: (low ?? 0) > 0 ? 'var(--good)' : (high ?? 0) < 0 ? 'var(--bad)' : 'var(--control)',
    lacking: 'no pair',
  })),
  { label: 'found minus each control', format: inPoints, zero: true },
)}</figure>
<figure><figcaption>Accuracy on the test images: every training, and the mean with the 95 % interval of its arm. These intervals may overlap where the paired difference is clear.</figcaption>
${whiskers(
  [found, ...controls].map(({ name, mean, interval, runs }, i) => ({
    ...{ name, mean, low: interval?.low, high: interval?.high, dots: runs, lacking: 'not trained' },
    color: i === 0 ? 'var(--found)' : 'var(--control)',
  })),
  { label: 'accuracy of each arm', format: share },
)}</figure></div>
${grid(['arm', 'accuracy', 'sd', 'trainings', 'found is', '95 % interval', 'pairs', 'each training, %'], rows, [1, 2, 3, 4, 5, 6])}`;
}

function ops({ applied, chosen, worth, worthElsewhere, result }: Findings): Markup | undefined {
  if (chosen === undefined) return undefined;
  const without = new Set(result.searches[chosen].withoutGradient);
  const rows = applied[chosen].ops.map((op) => {
    const { magnitude, bounds, share, strength } = op;
    const value = worth.get(op.op);
    const words = (one: number) => magnitudeWords(one, bounds ?? { low: 0, high: 0 });
    return [
      `${op.op}${without.has(op.op) ? ' *' : ''}${op.onBatches ? ' (batches)' : ''}`,
      shareWords(share),
      magnitude ? `${words(magnitude.mean)} ± ${words(magnitude.sd)}` : undefined,
      magnitude ? `${words(magnitude.low)} to ${words(magnitude.high)}` : undefined,
      magnitudeBar(op) ?? '',
      bounds && `${brief(bounds.low)} to ${brief(bounds.high)} ${bounds.unit}`,
      strength.toFixed(2),
      value === undefined ? undefined : signed(value),
    ] satisfies Part[];
  });
  const elsewhere = elsewhereWords(worthElsewhere);
  return markup`<h2>What is applied</h2>
<p>By the policy of search ${chosen + 1}, exactly, from the numbers that are applied. Share: part of images to which the op is applied at least once. Worth: the score of the policy minus its score without the op, mean over the searches whose policy applies it.</p>
${grid(['op', 'share', 'mean ± sd', 'range', '', 'bounds', 'strength', 'worth'], rows, [1, 2, 3, 6, 7])}
${elsewhere ? markup`<p class="soft">${elsewhere}</p>` : undefined}
${without.size > 0 ? markup`<p class="soft">* The magnitude was not learned by gradient.</p>` : undefined}`;
}

function course({ result: { searches }, summary, bySearch }: Findings): Markup | undefined {
  if (searches.length === 0) return undefined;
  const curve = (value: (point: (typeof searches)[number]['trace'][number]) => number | undefined) =>
    searches.map(({ trace }, i) => ({
      name: `search ${i + 1}`,
      points: trace.map((point) => [point.progress, value(point) ?? Number.NaN] as const),
    }));
  const names = [
    ...new Set(searches.flatMap(({ trace }) => trace.flatMap(({ values }) => Object.keys(values)))),
  ];
  const rows = summary.searches.map(
    ({ seed, seconds, strength, effectiveOps, moved, versusBest, withoutGradient, chosen }, i) => {
      const { mean } = bySearch[i];
      return [
        `${i + 1}${chosen ? ', chosen' : ''}`,
        seed,
        mean === undefined ? undefined : percent(mean),
        versusBest === null ? undefined : points(versusBest),
        trainingsOf(bySearch[i]),
        brief(strength),
        brief(effectiveOps),
        moved === null ? undefined : brief(moved),
        duration(seconds),
        withoutGradient.length === 0 ? 'none' : withoutGradient.join(', '),
      ] satisfies Part[];
    },
  );
  const traced = searches.some(({ trace }) => trace.length > 0);
  return markup`<h2>The searches</h2>
${traced ? key(searches.map((_, i) => `search ${i + 1}`)) : undefined}
<div class="charts">${
    traced
      ? [
          lines(
            'strength',
            curve((point) => point.strength),
          ),
          lines(
            'effective ops (the exponential of the entropy)',
            curve((point) => point.effectiveOps),
          ),
          ...names.map((name) =>
            lines(
              name,
              curve(({ values }) => (Object.hasOwn(values, name) ? values[name] : undefined)),
            ),
          ),
        ]
      : undefined
  }</div>
${grid(['search', 'seed', 'accuracy', summary.best === null ? 'found is' : `from ${summary.best}`, 'trainings', 'strength', 'effective ops', 'moved', 'time', 'ops without gradient'], rows, [1, 2, 3, 4, 5, 6, 7, 8])}
${summary.betweenSearches === null ? undefined : markup`<p class="soft">Between searches the accuracy has a standard deviation of ${(100 * summary.betweenSearches).toFixed(1)} points, some of which is chance of the trainings; the intervals above are over pairs of trainings and do not hold it.</p>`}`;
}

function data(findings: Findings): Markup {
  const { splits, settings, classes } = findings.result;
  return markup`<h2>Data, cost and settings</h2>
<p>${cost(findings)}</p>
${grid(
  ['split', 'images', 'SHA-256 of its pixels'],
  Object.entries(splits).map(([name, { images, sha256 }]) => [name, images, markup`<code>${sha256}</code>`]),
  [1],
)}
<p>${classes.length} classes: ${classes.join(', ')}</p>
${grid(
  ['setting', 'value'],
  Object.entries(settings).map(([name, value]) => [
    name,
    markup`<code>${typeof value === 'string' ? value : JSON.stringify(value)}</code>`,
  ]),
)}`;
}
