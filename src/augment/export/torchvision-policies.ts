/**
 * Policies as torchvision's own classes where those draw the same: fourteen operations, whole bins, no deviation,
 * and bits of posterize that round alike (torchvision rounds halves to even). Else as classes of ours.
 */
import { AUGMIX } from '../policies/aug-mix.js';
import { FOURTEEN, type Reach, STANDARD, WIDE } from '../policies/spaces.js';
import { call, code, dict, float, type Py } from './python.js';
import { isBlack, type Options, type Table } from './scribe.js';

interface Policy extends Options {
  readonly operations: readonly string[];
  readonly m: number;
  readonly bins: number;
  readonly deviation: number;
  readonly space: 'wide' | 'standard';
  readonly chance: number;
  readonly dataset: string;
  readonly severity: number;
  readonly depth: number | readonly [number, number];
}

const MIXED = FOURTEEN.filter((name) => name !== 'Identity');
const WITHOUT_ENHANCING = MIXED.filter(
  (name) => !['Brightness', 'Color', 'Contrast', 'Sharpness'].includes(name),
);

const same = (a: readonly string[], b: readonly string[]) => String([...a].sort()) === String([...b].sort());

/** Bits at a bin: ours, and as torchvision rounds them. */
const bits = ({ bits, posterize }: Reach, bin: number, bins: number) =>
  Math.max(1, bits - Math.round((posterize * bin) / (bins - 1)));
function theirBits({ bits, posterize }: Reach, bin: number, bins: number): number {
  const exact = bits - bin / ((bins - 1) / posterize);
  const low = Math.floor(exact);
  return exact - low === 0.5 ? low + (low % 2) : Math.round(exact);
}
const agree = (reach: Reach, bins: number, which: readonly number[]) =>
  which.every((bin) => bits(reach, bin, bins) === theirBits(reach, bin, bins));
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i);

const look = ({ fill, interpolation }: Policy, usual: string) => ({
  interpolation:
    interpolation === usual ? undefined : code(`v2.InterpolationMode.${interpolation.toUpperCase()}`),
  fill: isBlack(fill) ? undefined : (fill as Py),
});

const operations = ({ operations }: Policy) => ({ operations });

const reachOf = ({ shear, translate, unit, rotate, enhance, bits, posterize }: Reach): Py =>
  dict({
    shear,
    translate: translate === 150 / 331 ? code('150 / 331') : translate === 1 / 3 ? code('1 / 3') : translate,
    unit,
    rotate,
    enhance,
    bits,
    posterize,
  });

export const POLICIES: Table = {
  randAugment(options, scribe) {
    const o = options as Policy;
    if (o.n === 0) return [];
    const native = o.deviation === 0 && Number.isInteger(o.m) && same(o.operations, FOURTEEN);
    if (native && o.m < o.bins && agree(STANDARD, o.bins, [o.m])) {
      return call('v2.RandAugment', [], {
        num_ops: o.n,
        magnitude: o.m,
        num_magnitude_bins: o.bins === 31 ? undefined : o.bins,
        ...look(o, 'nearest'),
      });
    }
    scribe.use('RandAugment');
    return call('RandAugment', [], {
      num_ops: o.n,
      magnitude: o.m,
      bins: o.bins,
      deviation: o.deviation,
      ...operations(o),
      reach: reachOf(STANDARD),
      ...look(o, 'nearest'),
    });
  },
  trivialAugment(options, scribe) {
    const o = options as Policy;
    if (o.space === 'wide' && same(o.operations, FOURTEEN) && agree(WIDE, o.bins, upTo(o.bins))) {
      const bins = o.bins === 31 ? undefined : o.bins;
      return call('v2.TrivialAugmentWide', [], { num_magnitude_bins: bins, ...look(o, 'nearest') });
    }
    scribe.use('TrivialAugment');
    const reach = reachOf(o.space === 'wide' ? WIDE : STANDARD);
    return call('TrivialAugment', [], { bins: o.bins, ...operations(o), reach, ...look(o, 'nearest') });
  },
  uniformAugment(options, scribe) {
    const o = options as Policy;
    if (o.n === 0 || o.chance === 0) return [];
    scribe.use('UniformAugment');
    return call('UniformAugment', [], {
      num_ops: o.n,
      chance: o.chance,
      ...operations(o),
      reach: reachOf(STANDARD),
      ...look(o, 'nearest'),
    });
  },
  autoAugment: (options) => {
    const o = options as Policy;
    return call('v2.AutoAugment', [code(`v2.AutoAugmentPolicy.${DATASETS[o.dataset]}`)], look(o, 'nearest'));
  },
  augMix(options, scribe) {
    const o = options as Policy;
    const width = o.width as unknown as number;
    const all = same(o.operations, MIXED);
    const free = Array.isArray(o.depth) && o.depth[0] === 1 && o.depth[1] === 3;
    const native = (all || same(o.operations, WITHOUT_ENHANCING)) && (free || typeof o.depth === 'number');
    if (native && agree(AUGMIX, 10, upTo(o.severity))) {
      return call('v2.AugMix', [], {
        severity: o.severity,
        mixture_width: width,
        chain_depth: free ? undefined : (o.depth as number),
        alpha: o.alpha === 1 ? undefined : float(o.alpha),
        all_ops: all ? undefined : false,
        ...look(o, 'bilinear'),
      });
    }
    scribe.use('AugMix');
    return call('AugMix', [], {
      severity: o.severity,
      width,
      depth: typeof o.depth === 'number' ? [o.depth, o.depth] : o.depth,
      alpha: o.alpha,
      ...operations(o),
      reach: reachOf(AUGMIX),
      ...look(o, 'nearest'),
    });
  },
};

const DATASETS: Readonly<Record<string, string>> = { cifar10: 'CIFAR10', svhn: 'SVHN', imagenet: 'IMAGENET' };
