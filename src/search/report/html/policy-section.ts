/** The learned policies: each sub-policy in words and on the same images. */
import { percent } from '../../../report/format.js';
import { image, type Markup, markup, type Part } from '../../../report/html/markup.js';
import { opOdds } from '../../policy/effective-ops.js';
import type { NetworkSetting, OpSetting, PolicySetting, SubPolicy } from '../../policy/policy.js';
import { oddsOf } from '../../policy/rounded.js';
import type { Magnitude } from '../../space/search-op.js';
import type { Findings } from '../summary.js';
import { magnitudeWords } from '../words.js';

/** Pictures of policies, as PNGs. */
export interface PolicyPictures {
  /** The images as they are. */
  readonly originals: Uint8Array;
  /** Of each search, one picture for each of the first sub-policies: the same images under it. */
  readonly bySearch: readonly (readonly Uint8Array[])[];
  /** What the pictures show, in a sentence. */
  readonly caption: string;
}

/** Sub-policies of a search that are shown. */
export const SHOWN = 25;
/** Ops of a stage that are named, and the odds below which an op is only counted. */
const NAMED = 6;
const RARE = 0.01;

export function policySection({ result, summary, applied }: Findings, pictures?: PolicyPictures): Markup {
  const order = summary.searches
    .map(({ chosen }, i) => ({ chosen, i }))
    .sort((a, b) => Number(b.chosen) - Number(a.chosen));
  const bounds = new Map((applied[0]?.ops ?? []).map((op) => [op.op, op.bounds]));
  return markup`<h2>The learned policy</h2>
${result.searches.some(({ policy }) => policy.network) ? undefined : markup`<p>For each image one sub-policy is drawn by its odds; it applies its stages in order, each with one op drawn by its odds, which then acts with probability p.</p>`}
${pictures ? markup`<figure class="strip">${image(pictures.originals, 'the images as they are')}<figcaption>${pictures.caption}</figcaption></figure>` : markup`<p class="soft">No pictures were made.</p>`}
${order.map(({ i, chosen }) => {
  const name = `Search ${i + 1}, seed ${result.searches[i].seed}`;
  const body = subPolicies(result.searches[i].policy, bounds, pictures?.bySearch[i]);
  return chosen
    ? markup`<h3>${name}: the chosen policy</h3>${body}`
    : markup`<details><summary>${name}</summary>${body}</details>`;
})}`;
}

function subPolicies(
  { subPolicies, network, batchStages = [] }: PolicySetting,
  bounds: ReadonlyMap<string, Magnitude | undefined>,
  pictures: readonly Uint8Array[] = [],
): Markup {
  const odds = oddsOf(
    'policy',
    subPolicies.map(({ weight }) => weight),
  );
  const left = odds.slice(SHOWN);
  const rest = left.reduce((sum, one) => sum + one, 0);
  const onBatches = batchStages.map(
    ({ stage, share, strength }) =>
      markup`<li><b>${stage}</b>, share ${percent(share)}${strength === undefined ? undefined : `, ${bounds.get(stage)?.unit ?? 'strength'} ${Number(strength.toPrecision(3))}`}</li>`,
  );
  if (network) return markup`${networkWords(network, pictures[0])}${stagesWords(onBatches)}`;
  return markup`${subPolicies.slice(0, SHOWN).map((one, i) => subPolicy(one, i, odds[i] as number, bounds, pictures[i]))}
${left.length > 0 ? markup`<p class="soft">${left.length} more sub-policies, with ${percent(rest)} of the odds together, are in the policy file.</p>` : undefined}
${stagesWords(onBatches)}`;
}

const stagesWords = (onBatches: readonly Markup[]): Markup | undefined =>
  onBatches.length > 0 ? markup`<div class="sub"><b>On batches</b><ol>${onBatches}</ol></div>` : undefined;

/** A network in words, and what it makes of the same images. */
function networkWords({ saved, figures }: NetworkSetting, picture: Uint8Array | undefined): Markup {
  const words = figures.map(({ name, mean, sd, bounds }) => {
    const value = (one: number) => magnitudeWords(one, bounds);
    return markup`<li><b>${name}</b> ${value(mean)} ± ${value(sd)} ${bounds.unit}</li>`;
  });
  return markup`<div class="sub"><b>Augmentation network</b> <span class="soft">for every image, from ${saved.noise} numbers of noise; mean ± standard deviation over images and noise</span>
<ul>${words}</ul>
${picture ? markup`<div class="strip">${image(picture, 'the same images under the network')}</div>` : undefined}</div>`;
}

function subPolicy(
  { stages }: SubPolicy,
  i: number,
  odds: number,
  bounds: ReadonlyMap<string, Magnitude | undefined>,
  picture: Uint8Array | undefined,
): Markup {
  return markup`<div class="sub"><b>Sub-policy ${i + 1}</b> <span class="soft">for ${percent(odds)} of images</span>
<ol>${stages.map((stage) => markup`<li>${stageWords(stage, bounds)}</li>`)}</ol>
${picture ? markup`<div class="strip">${image(picture, `the same images under sub-policy ${i + 1}`)}</div>` : undefined}</div>
`;
}

function stageWords(stage: readonly OpSetting[], bounds: ReadonlyMap<string, Magnitude | undefined>): Part {
  const sorted = opOdds(stage).sort(([, a], [, b]) => b - a);
  const common = sorted.filter(([, odds]) => odds >= RARE).slice(0, NAMED);
  if (common.length === 0) return 'nothing';
  const rare = sorted.length - common.length;
  const rest = 1 - common.reduce((sum, [, odds]) => sum + odds, 0);
  return markup`${common.map(([one, odds], i) => markup`${i > 0 ? ', ' : ''}<b>${one.op}</b> ${words(one, odds)}`)}${rare > 0 ? `, and ${rare} more with ${percent(Math.max(0, rest))} together` : undefined}`;

  function words({ op, p, low, high }: OpSetting, odds: number): string {
    const own = bounds.get(op);
    const magnitude =
      own === undefined || low === undefined || high === undefined
        ? ''
        : `, ${low === high ? magnitudeWords(low, own) : `${magnitudeWords(low, own)} to ${magnitudeWords(high, own)}`} ${own.unit}`;
    return `${percent(odds)} (p ${Number(p.toFixed(2))}${magnitude})`;
  }
}
