import type { MonoTypeOperatorFunction } from 'rxjs';
import { fold, type Sample } from '../../core/index.js';
import { linked } from '../../core/lineage.js';
import { expectItems } from '../../core/order.js';
import { mergeMap } from '../../core/rx.js';
import { augMix } from './aug-mix.js';

/**
 * AugMix's consistency triples: each sample as it is and mixed twice, in a row, for a loss that asks the three
 * predictions to agree (Jensen–Shannon; Hendrycks et al., 2020). Rows 3i, 3i + 1 and 3i + 2 of a batch belong
 * together when its size is a multiple of three. Options are those of `augMix`.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example webdataset('train-*.tar').pipe(augMixTriples(), batch(96))
 */
export function augMixTriples(options: Parameters<typeof augMix>[0] = {}): MonoTypeOperatorFunction<Sample> {
  const { transform } = augMix(options);
  const triple = mergeMap((sample: Sample) => {
    const key = fold(sample.key, sample.position);
    const mixed = (nth: number) => sample.drawn(transform.draw(fold(key, nth), sample.progress));
    return [sample.drawn([]), mixed(1), mixed(2)];
  });
  return (from) => {
    expectItems('augMixTriples', 'samples', from);
    return linked(triple(from), { from, opaque: 'augMixTriples' });
  };
}
