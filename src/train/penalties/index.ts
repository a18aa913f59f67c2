/** All penalties, and how a penalty is made again from its configuration. */
import { Registry, withNewNames } from '../../core/index.js';
import { elasticNet } from './elastic-net.js';
import { l1 } from './l1.js';
import { l2 } from './l2.js';
import { maxNorm } from './max-norm.js';
import { orthogonal } from './orthogonal.js';
import type { Penalty, PenaltyConfig } from './penalty.js';
import { spectral } from './spectral.js';

export type { Penalty, PenaltyConfig } from './penalty.js';
export { elasticNet, l1, l2, maxNorm, orthogonal, spectral };

/** How a kind of penalty is made from its configuration. */
export interface PenaltyKind {
  readonly name: string;
  from(config: PenaltyConfig): Penalty;
}

/** A penalty of one number and options. */
const numbered = (
  name: string,
  key: string,
  make: (value: number, options: object) => Penalty,
): PenaltyKind => ({
  name,
  from({ penalty: _, ...config }) {
    const { [key]: value, ...options } = withNewNames(name, config);
    return make(value as number, options);
  },
});

/**
 * The penalties that `penaltyFrom` knows unless it is given others.
 *
 * @example
 * penaltyKinds.map(({ name }) => name).includes('l1') // → true
 */
export const penaltyKinds: readonly PenaltyKind[] = [
  numbered('l1', 'lambda', l1),
  numbered('l2', 'lambda', l2),
  numbered('maxNorm', 'limit', maxNorm),
  numbered('orthogonal', 'lambda', orthogonal),
  numbered('spectral', 'lambda', spectral),
  {
    name: 'elasticNet',
    from: ({ penalty: _, ...config }) => elasticNet(withNewNames('elasticNet', config) as never),
  },
];

/**
 * The penalty that a configuration describes: the inverse of `penalty.config`. It also reads configurations written before
 * 0.2.
 *
 * @param config Plain JSON.
 * @param kinds The kinds of penalties that it may name. Default: all of this package.
 * @throws UsageError if the configuration names no known penalty, or has options that it does not take.
 * @example
 * penaltyFrom({ penalty: 'l2', lambda: 0.001 }).config // → { penalty: 'l2', lambda: 0.001 }
 */
export function penaltyFrom(config: PenaltyConfig, kinds: Iterable<PenaltyKind> = penaltyKinds): Penalty {
  return new Registry('penalty', kinds).get(config.penalty).from(config);
}
