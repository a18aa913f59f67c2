/** The report of a preparation as one HTML file that needs nothing else. */

import { formatNamed } from '../../io/write/formats.js';
import { grouped, percent } from '../../report/format.js';
import { grid, image, type Markup, markup, Markup as Raw } from '../../report/html/markup.js';
import { STYLE } from '../../report/html/style.js';
import type { LeftOut } from '../plan/kept.js';
import type { Plan } from '../plan/plan.js';
import { type Manifest, measuredSplits } from './manifest.js';
import { scoreSection } from './scores.js';

/** Classes that are listed; the rest are summed up. */
const CLASSES = 200;
/** Refused images that are named for each reason. */
const NAMED = 10;
/** Groups of near-duplicates that are listed. */
const GROUPS = 25;

export interface PageParts {
  readonly manifest: Omit<Manifest, 'files'>;
  readonly plan: Plan;
  readonly leftOut: readonly LeftOut[];
  readonly groups: readonly { readonly split: string; readonly images: readonly string[] }[];
  /** By split: name and picture. */
  readonly sheets: readonly { readonly split: string; readonly png: Uint8Array }[];
}

export function pageOf({ manifest, plan, leftOut, groups, sheets }: PageParts): string {
  const { counts, near, name } = manifest;
  const page = markup`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<title>Data set: ${name}</title><style>${new Raw(STYLE)}</style></head>
<body><main>
<p class="soft">Data set · ${name} · seed ${manifest.seed} · plan ${manifest.plan.slice(0, 12)}</p>
<h1>${grouped(counts.samples)} samples of ${grouped(counts.images)} images</h1>
${facts(manifest)}
<h2>Every image of the source</h2>
${accounts(manifest)}
<h2>Splits and classes</h2>
${classTable(manifest, plan)}
<h2>Examples</h2>
${sheets.map(({ split, png }) => markup`<h3>${split}</h3><div class="strip">${image(png, `examples of ${split}`)}</div>`)}
<h2>Left out</h2>
${refusals(leftOut, manifest.source.waiting)}
${manifest.dropped > 0 ? markup`<p>${grouped(manifest.dropped)} boxes or keypoints were left out while their image stayed.</p>` : undefined}
${scoreSection(manifest.scores)}
<h2>Near-duplicates</h2>
${nearSection(near, groups)}
<h2>Statistics</h2>
${statistics(manifest, plan)}
<h2>How it was made</h2>
<details><summary>Rules</summary><p><code>${JSON.stringify(manifest.rules)}</code></p></details>
<details><summary>Versions</summary>${grid(
    ['', 'version'],
    Object.entries(manifest.versions).map(([what, version]) => [what, version]),
  )}</details>
</main></body></html>
`;
  return page.text;
}

function facts({ counts, shards, near, refused }: PageParts['manifest']): Markup {
  const all: [string, string][] = [
    ['samples', grouped(counts.samples)],
    ['shards', grouped(shards.length)],
    ['megabytes of images', grouped(Math.round(counts.bytes / 1e6))],
    ['files passed on as they are', percent(counts.samples > 0 ? counts.passed / counts.samples : 0)],
    ...(counts.generated === undefined
      ? []
      : [['samples that a model made', grouped(counts.generated)] as [string, string]]),
    ['images left out', grouped(Object.values(refused).reduce((sum, n) => sum + n, 0))],
    ['pairs kept from two splits', grouped(near.leaksPrevented)],
  ];
  return markup`<dl class="facts">${all.map(([what, value]) => markup`<div><dt>${what}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** Where each image went: the first two rows are as many as those below them. */
function accounts({ source, counts, refused }: PageParts['manifest']): Markup {
  const rows: [string, number][] = [
    ['images of the source', source.images],
    ['written earlier, and not in it any more', source.gone],
    ['in the data set', counts.images],
    ...Object.entries(refused).map(([by, n]): [string, number] => [`left out: ${by}`, n]),
    ['new, to be added by --append', source.waiting],
  ];
  const shown = rows.filter(([, n], i) => n > 0 || i === 0 || i === 2);
  return markup`${grid(
    ['', 'images'],
    shown.map(([what, n]) => [what, grouped(n)]),
    [1],
  )}
${counts.lost > 0 ? markup`<p>${grouped(counts.lost)} samples could not be rendered.</p>` : undefined}`;
}

function classTable({ splits, schema }: PageParts['manifest'], plan: Plan): Markup {
  const names = Object.keys(splits);
  const shown = schema.classes.slice(0, CLASSES);
  const rows = shown.map((label, c) => [
    label,
    ...names.flatMap((split) => [
      grouped(plan.splits[split]?.imagesByClass[c] ?? 0),
      grouped(splits[split]?.byClass[label] ?? 0),
    ]),
  ]);
  const sums = [
    'all',
    ...names.flatMap((split) => [
      grouped(plan.splits[split]?.images ?? 0),
      grouped(splits[split]?.samples ?? 0),
    ]),
  ];
  const head = ['class', ...names.flatMap((split) => [`${split}: images planned`, `${split}: samples`])];
  const more = schema.classes.length - shown.length;
  return markup`${grid(
    head,
    [...rows, sums],
    head.slice(1).map((_, i) => i + 1),
  )}
${more > 0 ? markup`<p class="soft">and ${more} classes more, in manifest.json</p>` : undefined}`;
}

function refusals(leftOut: readonly LeftOut[], waiting: number): Markup | undefined {
  if (leftOut.length === 0 && waiting > 0) return undefined;
  if (leftOut.length === 0) return markup`<p>Nothing: every image of the source is in it.</p>`;
  const by = new Map<string, LeftOut[]>();
  for (const one of leftOut) {
    const same = by.get(one.by);
    if (same) same.push(one);
    else by.set(one.by, [one]);
  }
  return markup`${[...by].map(
    ([reason, images]) => markup`<details open><summary>${reason}: ${grouped(images.length)}</summary>
<ul class="care">${images.slice(0, NAMED).map(({ id, reason: why }) => markup`<li>${id}: ${why}</li>`)}${
      images.length > NAMED
        ? markup`<li>and ${grouped(images.length - NAMED)} more, in refused.jsonl</li>`
        : undefined
    }</ul></details>`,
  )}`;
}

function nearSection(near: Plan['near'], groups: PageParts['groups']): Markup {
  if (near.groups === 0 && groups.length === 0) return markup`<p>None were found.</p>`;
  return markup`<p>${grouped(near.images)} images in ${grouped(near.groups)} groups of equal or nearly equal images. ${near.torn > 0 ? 'All others than those named below are in one split each' : 'Each group is in one split'}; a split of single images would have divided ${grouped(near.leaksPrevented)} pairs${
    near.dropped > 0 ? markup`; ${grouped(near.dropped)} images were left out` : undefined
  }.</p>
${grid(
  ['split', 'images'],
  groups.slice(0, GROUPS).map(({ split, images }) => [split, images.join(', ')]),
)}
${groups.length > GROUPS ? markup`<p class="soft">and ${grouped(groups.length - GROUPS)} groups more, in near-duplicates.jsonl</p>` : undefined}
${near.torn > 0 ? markup`<p>${grouped(near.torn)} groups lie in two splits: images that were added later joined what had been written already.</p>` : undefined}`;
}

const LOSSY: ReadonlySet<string> = new Set(['jpeg', 'webp']);

/** How images are written whose pixels changed. */
const encodingOf = ({ rules }: Plan): string =>
  formatNamed(rules.format).pixels ? 'pixels' : rules.encode.format;

function statistics({ statistics: { mean, std }, counts }: PageParts['manifest'], plan: Plan): Markup {
  const row = (values: readonly number[]) => values.map((value) => value.toFixed(4));
  return markup`<p>Of the ${grouped(counts.pixels)} pixels of ${measuredSplits(plan).join(' and ')} as rendered, before they are encoded, in 0..1: what <code>normalize</code> takes.${LOSSY.has(encodingOf(plan)) ? ' What JPEG and WebP lose moves them in the fourth digit.' : undefined}</p>
${grid(
  ['', 'red', 'green', 'blue'],
  [
    ['mean', ...row(mean)],
    ['standard deviation', ...row(std)],
  ],
  [1, 2, 3],
)}`;
}
