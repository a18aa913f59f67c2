/**
 * Policies as strings. Those that timm knows mean what they mean to timm, by every key (timm/strings.ts):
 * `rand-m9-n2-mstd0.5-inc1`, `augmix-m5-w4-d2`, `original-mstd0.5`, `v0`. Others are ours: `trivial-wide`, `uniform-n2`,
 * `auto-cifar10`, `3-augment`. A text that ends in .json is the path of a file (policy-file.ts). docs/policies.md lists
 * them.
 */
import { expected, nearest, show, UsageError } from '../../core/index.js';
import type { SampleOperator } from '../transform/define-transform.js';
import { autoAugment } from './auto-augment.js';
import { policiesOf, type WithPolicies } from './plugin-policies.js';
import { isPolicyFile, type PolicyOptions, policyFile } from './policy-file.js';
import { threeAugment } from './three-augment.js';
import { TIMM_STRINGS } from './timm/strings.js';
import { trivialAugment } from './trivial-augment.js';
import { uniformAugment } from './uniform-augment.js';

type Parts = Readonly<Record<string, number>>;

interface Family {
  /** Letters that may carry a number. */
  readonly parts: readonly string[];
  readonly make: (parts: Parts) => SampleOperator;
}

const FAMILIES: Readonly<Record<string, Family>> = {
  uniform: { parts: ['n'], make: ({ n = 2 }) => uniformAugment({ n }) },
};

const WHOLE: Readonly<Record<string, () => SampleOperator>> = {
  'trivial-wide': () => trivialAugment(),
  trivial: () => trivialAugment({ space: 'standard' }),
  'auto-cifar10': () => autoAugment('cifar10'),
  'auto-svhn': () => autoAugment('svhn'),
  'auto-imagenet': () => autoAugment('imagenet'),
  '3-augment': threeAugment,
};

/** Names that policies of plugins may not have. */
export const POLICY_NAMES: readonly string[] = [
  ...Object.keys(WHOLE),
  ...Object.keys(FAMILIES),
  ...Object.keys(TIMM_STRINGS),
];

/**
 * The policy that a string names, one of rxaug's, of timm's or of the plugins given: `policy('trivial-wide')`,
 * `policy('rand-m9-n2-mstd0.5-inc1')`, `policy('gentle-m3', plugins)`. timm's strings mean what they mean in timm,
 * key by key; docs/policies.md lists all.
 *
 * A text that ends in .json is the path of a pipeline of samples as JSON, such as a search writes:
 * `policy('./found.json')`. Its transforms become one operator that applies them in order; those of plugins come from
 * the plugins given. A file that does something to batches too is refused, unless `stages: 'elsewhere'` says that
 * `policyStages` of rxaug/search does that behind `batch`.
 *
 * @throws {UsageError} if the policy or a key is unknown, a key is given twice or a value is out of range; if the file
 * cannot be read, is larger than 1 MiB, is no pipeline, holds an unknown transform, or does something to
 * batches that nothing says is applied elsewhere
 * @example policy('rand-m9-n2-mstd0.5').transform.name // → 'timmRandAugment'
 */
export function policy(
  text: string,
  plugins: WithPolicies = {},
  options: PolicyOptions = {},
): SampleOperator {
  if (typeof text !== 'string')
    throw new UsageError(expected('policy', 'a policy as text', text, "write for example 'rand-m9-n2'"));
  const whole = Object.hasOwn(WHOLE, text) ? WHOLE[text] : undefined;
  if (whole) return whole();
  if (isPolicyFile(text)) return policyFile(text, plugins, options);
  const others = policiesOf(plugins, POLICY_NAMES);
  const [family = '', ...rest] = text.split('-');
  const other = others.get(family);
  if (other) return other(...(rest.length > 0 ? [numbers(rest, text)] : []));
  const timm = Object.hasOwn(TIMM_STRINGS, family) ? TIMM_STRINGS[family] : undefined;
  if (timm) return timm(rest, text);
  const known = Object.hasOwn(FAMILIES, family) ? FAMILIES[family] : undefined;
  if (known) return known.make(numbers(rest, text, known.parts));
  const names = [...POLICY_NAMES, ...others.keys()];
  const near = nearest(text, names) ?? nearest(family, names);
  throw new UsageError(
    `policy: unknown policy ${show(text)}; ${near ? `did you mean '${near}'?` : `known are ${names.join(', ')}, and those of plugins by policy('NAME', plugins)`}`,
  );
}

/** `['m9', 'n3']` as `{ m: 9, n: 3 }`. */
function numbers(parts: readonly string[], text: string, known?: readonly string[]): Parts {
  const values = new Map<string, number>();
  for (const [name, value] of parts.map((part) => read(part, known, text))) {
    if (values.has(name))
      throw new UsageError(
        `policy: expected ${name} once but received it twice in ${show(text)}; remove one of them`,
      );
    values.set(name, value);
  }
  return Object.fromEntries(values);
}

function read(part: string, parts: readonly string[] | undefined, text: string): [string, number] {
  const [, name, number] = /^([a-z]+)(\d+(?:\.\d+)?)$/.exec(part) ?? [];
  if (name !== undefined && (parts?.includes(name) ?? true)) return [name, Number(number)];
  const examples = parts ? ` ${parts.map((p) => `${p}NUMBER`).join(', ')}` : ' such as m9';
  throw new UsageError(
    `policy: expected parts${examples} but received ${show(part)} in ${show(text)}; write for example ${parts ? 'uniform-n2' : `${text.split('-')[0]}-m9`}`,
  );
}
