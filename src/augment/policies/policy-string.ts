/**
 * Policies as strings: `rand-m9-n3-mstd0.5`, `trivial-wide`, `uniform-n2`, `augmix-m3-w3-d2`, `auto-cifar10`, `3-augment`.
 * In `rand`, m is out of 10 and n defaults to 2, as timm writes it; operations and ranges stay torchvision's,
 * which is what timm calls increasing: `inc1` says so and changes nothing, `inc0` is refused.
 */
import { UsageError } from '../../core/index.js';
import { nearest } from '../../core/registry.js';
import type { SampleOperator } from '../transform.js';
import { augMix } from './aug-mix.js';
import { autoAugment } from './auto-augment.js';
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

export function policy(text: string): SampleOperator {
  const whole = WHOLE[text];
  if (whole) return whole();
  const [family, ...rest] = text.split('-');
  const known = FAMILIES[family as string];
  if (!known) {
    const near = nearest(text, [...Object.keys(WHOLE), ...Object.keys(FAMILIES)]);
    throw new UsageError(`policy: unknown policy '${text}'${near ? `; did you mean '${near}'?` : ''}`);
  }
  return known.make(Object.fromEntries(rest.map((part) => read(part, known.parts, text))));
}

function read(part: string, parts: readonly string[], text: string): [string, number] {
  const [, name, number] = /^([a-z]+)(\d+(?:\.\d+)?)$/.exec(part) ?? [];
  if (name !== undefined && parts.includes(name)) return [name, Number(number)];
  throw new UsageError(
    `policy: expected parts ${parts.map((p) => `${p}NUMBER`).join(', ')} but received '${part}' in '${text}'; write for example rand-m9-n2`,
  );
}
