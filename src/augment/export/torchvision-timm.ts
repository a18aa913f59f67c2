/** timm's policies for torchvision, which has none of them: classes of ours with timm's operations and odds. */

import { TOP } from '../policies/timm/options.js';
import { setOfTimm } from '../policies/timm/rand-augment.js';
import { MIXED, SUB_POLICIES } from '../policies/timm/tables.js';
import { call, code, type Py, tuple } from './python.js';
import type { Options, Table } from './scribe.js';

interface Timm extends Options {
  readonly translate: never;
  readonly m: number;
  readonly chance: number;
  readonly max: number;
  readonly increasing: boolean;
  readonly set: Parameters<typeof setOfTimm>[0];
  readonly deviation: number | 'uniform';
  readonly policy: keyof typeof SUB_POLICIES;
  readonly depth: number | 'random';
}

const shared = ({ deviation, translate, interpolation, fill }: Timm, max = TOP) => ({
  deviation,
  max,
  translate,
  interpolation: code(`v2.InterpolationMode.${interpolation.toUpperCase()}`),
  fill: fill as Py,
});

export const TIMM: Table = {
  timmRandAugment(options, scribe) {
    const o = options as unknown as Timm;
    if (o.n === 0 || o.chance === 0) return [];
    scribe.use('TimmRandAugment');
    const { names, weights } = setOfTimm(o.set, o.increasing);
    return call('TimmRandAugment', [], {
      num_ops: o.n,
      p: o.chance,
      magnitude: o.m,
      operations: names,
      weights,
      ...shared(o, o.max),
    });
  },
  timmAutoAugment(options, scribe) {
    const o = options as unknown as Timm;
    scribe.use('TimmAutoAugment');
    const policies = SUB_POLICIES[o.policy].map((steps) => steps.map((step) => tuple(...step)));
    return call('TimmAutoAugment', [], { policies, ...shared(o) });
  },
  timmAugMix(options, scribe) {
    const o = options as unknown as Timm;
    scribe.use('TimmAugMix');
    return call('TimmAugMix', [], {
      magnitude: o.m,
      width: o.width as unknown as number,
      depth: o.depth === 'random' ? [1, 3] : [o.depth, o.depth],
      alpha: o.alpha as unknown as number,
      operations: MIXED,
      ...shared(o),
    });
  },
};
