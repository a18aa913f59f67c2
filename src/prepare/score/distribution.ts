/** How the scores of a filter are distributed over the images of a scan, for the plan and the report. */
import type { Filter, Quantity } from '../filters.js';
import { rounded } from '../rounded.js';
import type { Facts } from '../scan/facts.js';

/** Equal parts of the range that images are counted in. */
const BINS = 20;
const SHARES = [0.05, 0.25, 0.5, 0.75, 0.95];

/** Of one number that a filter has limits for; over all images that were scored, whatever became of them. */
export interface Distribution {
  readonly filter: string;
  readonly what: string;
  readonly min?: number;
  readonly max?: number;
  /** Images that have the number. */
  readonly images: number;
  /** Images that the model was asked about, and gave no score. */
  readonly without: number;
  /** Images beyond the limits. */
  readonly beyond: number;
  readonly mean: number;
  readonly least: number;
  readonly most: number;
  /** The numbers below which 5, 25, 50, 75 and 95 percent of the images are. */
  readonly quantiles: readonly number[];
  /** Images in 20 equal parts of `from`..`to`. */
  readonly from: number;
  readonly to: number;
  readonly counts: readonly number[];
}

interface Collected {
  readonly filter: string;
  readonly quantity: Quantity;
  readonly values: Float64Array;
  length: number;
  without: number;
}

/** Collects numbers as the facts come, 8 bytes an image. */
export class Distributions {
  private readonly all: readonly Collected[];

  constructor(filters: readonly Filter[], most: number) {
    this.all = filters.flatMap(({ name: filter, quantities = [] }) =>
      quantities.map((quantity) => ({
        filter,
        quantity,
        values: new Float64Array(most),
        length: 0,
        without: 0,
      })),
    );
  }

  add(facts: Facts): void {
    for (const one of this.all) {
      const value = one.quantity.of(facts);
      if (value === undefined) one.without++;
      else one.values[one.length++] = value;
    }
  }

  /** One for each number of a filter. */
  found(): Distribution[] {
    return this.all.map(distributionOf);
  }
}

function distributionOf({ filter, quantity, values, length, without }: Collected): Distribution {
  const { what, min, max, range } = quantity;
  const sorted = values.slice(0, length).sort();
  const at = (share: number) => sorted[Math.min(length - 1, Math.floor(share * length))] ?? 0;
  const [least, most] = [at(0), at(1)];
  const [from, to] = range ?? [least, most];
  const counts = new Array<number>(BINS).fill(0);
  let [sum, beyond] = [0, 0];
  for (const value of sorted) {
    sum += value;
    if (value < (min ?? value) || value > (max ?? value)) beyond++;
    const bin = to > from ? Math.floor((BINS * (value - from)) / (to - from)) : 0;
    const place = Math.min(BINS - 1, Math.max(0, bin));
    counts[place] = (counts[place] as number) + 1;
  }
  return {
    ...{ filter, what },
    ...(min !== undefined && { min }),
    ...(max !== undefined && { max }),
    ...{ images: length, without, beyond, mean: rounded(length > 0 ? sum / length : 0), least, most },
    quantiles: SHARES.map(at),
    ...{ from, to, counts },
  };
}
