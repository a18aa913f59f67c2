/** The penalties by name, for whoever reads them back from JSON. */
import { Registry } from '../../core/index.js';
import { elasticNet } from './elastic-net.js';
import { l1 } from './l1.js';
import { l2 } from './l2.js';
import { maxNorm } from './max-norm.js';
import { orthogonal } from './orthogonal.js';
import type { Penalty, PenaltyConfig } from './penalty.js';
import { spectral } from './spectral.js';

export type { Penalty, PenaltyConfig } from './penalty.js';
export { elasticNet, l1, l2, maxNorm, orthogonal, spectral };

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
  from: ({ penalty: _, [key]: value, ...options }) => make(value as number, options),
});

export const penaltyKinds: readonly PenaltyKind[] = [
  numbered('l1', 'lambda', l1),
  numbered('l2', 'lambda', l2),
  numbered('maxNorm', 'limit', maxNorm),
  numbered('orthogonal', 'lambda', orthogonal),
  numbered('spectral', 'lambda', spectral),
  { name: 'elasticNet', from: ({ penalty: _, ...options }) => elasticNet(options as never) },
];

export function penaltyFrom(config: PenaltyConfig, kinds: Iterable<PenaltyKind> = penaltyKinds): Penalty {
  return new Registry('penalty', kinds).get(config.penalty).from(config);
}
