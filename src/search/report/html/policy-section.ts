/** The learned policies: each sub-policy in words and on the same images. */
import { percent } from '../../../report/format.js';
import type { OpSetting, PolicySetting, SubPolicy } from '../../policy/policy.js';
import type { Magnitude } from '../../space/search-op.js';
import type { Findings } from '../summary.js';
import { magnitudeWords } from '../words.js';
import { image, type Markup, markup, type Part } from './markup.js';

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
/** Odds below which an op of a stage is only counted. */
const RARE = 0.05;

export function policySection({ result, summary, applied }: Findings, pictures?: PolicyPictures): Markup {
  const order = summary.searches
    .map(({ chosen }, i) => ({ chosen, i }))
    .sort((a, b) => Number(b.chosen) - Number(a.chosen));
  const bounds = new Map((applied[0]?.ops ?? []).map((op) => [op.op, op.bounds]));
  return markup`<h2>The learned policy</h2>
<p>For each image one sub-policy is drawn by its odds; it applies its stages in order, each with one op drawn by its odds, which then acts with probability p.</p>
${pictures ? markup`<figure class="strip">${image(pictures.originals, 'the images as they are')}<figcaption>${pictures.caption}</figcaption></figure>` : markup`<p class="soft">No pictures were made.</p>`}
${order.map(({ i, chosen }) => {
  const name = `Search ${i + 1}, seed ${result.searches[i].seed}`;
  const body = subPolicies(result.searches[i].policy, bounds, pictures?.bySearch[i]);
  return chosen
    ? markup`<h3>${name}: the policy that is given out</h3>${body}`
    : markup`<details><summary>${name}</summary>${body}</details>`;
})}`;
}

function subPolicies(
  { subPolicies }: PolicySetting,
  bounds: ReadonlyMap<string, Magnitude | undefined>,
  pictures: readonly Uint8Array[] = [],
): Markup {
  const total = subPolicies.reduce((sum, { weight }) => sum + weight, 0);
  const left = subPolicies.slice(SHOWN);
  const rest = left.reduce((sum, { weight }) => sum + weight, 0) / total;
  return markup`${subPolicies.slice(0, SHOWN).map((one, i) => subPolicy(one, i, one.weight / total, bounds, pictures[i]))}
${left.length > 0 ? markup`<p class="soft">${left.length} more sub-policies, with ${percent(rest)} of the odds together, are in the policy file.</p>` : undefined}`;
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
  const total = stage.reduce((sum, { weight }) => sum + weight, 0);
  const sorted = [...stage].sort((a, b) => b.weight - a.weight);
  const common = sorted.filter(({ weight }) => weight / total >= RARE);
  const rare = sorted.length - common.length;
  const rest = 1 - common.reduce((sum, { weight }) => sum + weight, 0) / total;
  return markup`${common.map((one, i) => markup`${i > 0 ? ', ' : ''}<b>${one.op}</b> ${words(one)}`)}${rare > 0 ? `, and ${rare} more with ${percent(Math.max(0, rest))} together` : undefined}`;

  function words({ op, weight, p, low, high }: OpSetting): string {
    const own = bounds.get(op);
    const magnitude =
      own === undefined || low === undefined || high === undefined
        ? ''
        : `, ${low === high ? magnitudeWords(low, own) : `${magnitudeWords(low, own)} to ${magnitudeWords(high, own)}`} ${own.unit}`;
    return `${percent(weight / total)} (p ${Number(p.toFixed(2))}${magnitude})`;
  }
}
