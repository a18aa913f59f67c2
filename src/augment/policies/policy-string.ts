/**
 * Policies as strings: `rand-m9-n3-mstd0.5`, `trivial-wide`, `uniform-n2`, `augmix-m3-w3-d2`, `auto-cifar10`, `3-augment`.
 * In `rand`, m is out of 10 and n defaults to 2, as timm writes it; operations and ranges stay torchvision's,
 * which is what timm calls increasing: `inc1` says so and changes nothing, `inc0` is refused.
 *
 * Policies of plugins are had in the same way, `gentle` or `gentle-m3-n1`, where the plugins are handed on.
 */
import { expected, nearest, show, UsageError } from '../../core/index.js';
import type { SampleOperator } from '../transform.js';
import { augMix } from './aug-mix.js';
import { autoAugment } from './auto-augment.js';
import { policiesOf, type WithPolicies } from './plugin-policies.js';
import { randAugment } from './rand-augment.js';
import { threeAugment } from './three-augment.js';
import { trivialAugment } from './trivial-augment.js';
import { uniformAugment } from './uniform-augment.js';

type Parts = Readonly<Record<string, number>>;

interface Family {
  /** Letters that may carry a number. */
  readonly parts: readonly string[];
  readonly make: (parts: Parts) => SampleOperator;
}

const BINS = 1001;

const FAMILIES: Readonly<Record<string, Family>> = {
  rand: {
    parts: ['m', 'n', 'mstd', 'inc'],
    make({ m = 9, n = 2, mstd = 0, inc = 1 }) {
      if (inc !== 1)
        throw new UsageError(
          'policy: rand: only increasing magnitudes are known; write inc1 or leave it out',
        );
      if (m > 10) throw new UsageError(expected('policy: rand: m', 'a number in 0..10', m));
      const scale = (BINS - 1) / 10;
      return randAugment({ m: m * scale, n, deviation: mstd * scale, bins: BINS });
    },
  },
  uniform: { parts: ['n'], make: ({ n = 2 }) => uniformAugment({ n }) },
  augmix: {
    parts: ['m', 'w', 'd'],
    make: ({ m = 3, w = 3, d }) => augMix({ severity: m, width: w, ...(d !== undefined && { depth: d }) }),
  },
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
export const POLICY_NAMES: readonly string[] = [...Object.keys(WHOLE), ...Object.keys(FAMILIES)];

export function policy(text: string, plugins: WithPolicies = {}): SampleOperator {
  if (typeof text !== 'string')
    throw new UsageError(expected('policy', 'a policy as text', text, "write for example 'rand-m9-n2'"));
  const whole = Object.hasOwn(WHOLE, text) ? WHOLE[text] : undefined;
  if (whole) return whole();
  const others = policiesOf(plugins, POLICY_NAMES);
  const [family = '', ...rest] = text.split('-');
  const other = others.get(family);
  if (other) return other(...(rest.length > 0 ? [numbers(rest, text)] : []));
  const known = Object.hasOwn(FAMILIES, family) ? FAMILIES[family] : undefined;
  if (known) return known.make(numbers(rest, text, known.parts));
  const names = [...POLICY_NAMES, ...others.keys()];
  const near = nearest(text, names) ?? nearest(family, names);
  throw new UsageError(
    `policy: unknown policy ${show(text)}; ${near ? `did you mean '${near}'?` : `known are ${names.join(', ')}, and those of plugins by policy('NAME', plugins)`}`,
  );
}

/** `['m9', 'n3']` as `{ m: 9, n: 3 }`. */
const numbers = (parts: readonly string[], text: string, known?: readonly string[]): Parts =>
  Object.fromEntries(parts.map((part) => read(part, known, text)));

function read(part: string, parts: readonly string[] | undefined, text: string): [string, number] {
  const [, name, number] = /^([a-z]+)(\d+(?:\.\d+)?)$/.exec(part) ?? [];
  if (name !== undefined && (parts?.includes(name) ?? true)) return [name, Number(number)];
  const wanted = parts ? ` ${parts.map((p) => `${p}NUMBER`).join(', ')}` : ' such as m9';
  throw new UsageError(
    `policy: expected parts${wanted} but received ${show(part)} in ${show(text)}; write for example ${parts ? 'rand-m9-n2' : `${text.split('-')[0]}-m9`}`,
  );
}
