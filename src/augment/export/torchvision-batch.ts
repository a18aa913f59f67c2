/**
 * Transforms of whole batches as torchvision's MixUp and CutMix. Both pair each row with the one before it, where
 * ours pairs rows at random: of shuffled batches that is the same.
 */
import { call, code, float } from './python.js';
import { cannot, type Options, type Table, type Target } from './scribe.js';

const mixing =
  (name: 'mixup' | 'cutmix', theirs: string) =>
  ({ alpha, p, granularity }: Options & { readonly granularity?: string }) => {
    if (granularity === 'pair')
      cannot(name, 'torchvision draws one share for the whole batch', "use granularity 'batch'");
    if (alpha === 0) return [];
    const mix = call(`v2.${theirs}`, [], { alpha: float(alpha), num_classes: code('NUM_CLASSES') });
    return p === 1 ? mix : call('v2.RandomApply', [[mix]], { p });
  };

const TABLE: Table = {
  mixup: mixing('mixup', 'MixUp'),
  cutmix: mixing('cutmix', 'CutMix'),
  mixOneOf: ({ of }, scribe) => call('v2.RandomChoice', [scribe.each(of)]),
};

export const TORCHVISION_BATCH: Target = {
  name: 'torchvision',
  table: TABLE,
  row: (steps) => call('v2.Compose', [steps]),
  nothing: call('v2.Identity'),
};
