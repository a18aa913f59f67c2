/** Mean and sample standard deviation (n − 1) of several runs. */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  /** Undefined for fewer than two values. */
  readonly deviation?: number;
}

/**
 * Mean and sample standard deviation (divisor n − 1) of runs that differ in their seed.
 *
 * @returns undefined without values; no `deviation` for a single one
 *
 * @example
 * meanAndStd([0.7, 0.8, 0.9])?.count // → 3
 */
export function meanAndStd(values: readonly number[]): Spread | undefined {
  const count = values.length;
  if (count === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { count, mean };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count, mean, deviation: Math.sqrt(squares / (count - 1)) };
}

/**
 * Mean and sample standard deviation of `after − before`, seed by seed, over the seeds that both have: pairs remove what
 * the seeds have in common.
 *
 * @param before values by seed
 * @param after values by seed
 *
 * @example
 * pairedDifference(new Map([[0, 1], [1, 2]]), new Map([[0, 2], [1, 4]]))?.mean // → 1.5
 */
export function pairedDifference(
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
): Spread | undefined {
  return meanAndStd(
    [...after].flatMap(([seed, value]) => {
      const was = before.get(seed);
      return was === undefined ? [] : [value - was];
    }),
  );
}

/**
 * Formats a mean in [0, 1] and its deviation in percent, one decimal place.
 *
 * @param figure mean and deviation; undefined gives undefined
 * @param sign '+' puts a plus in front of values ≥ 0, for differences
 *
 * @example
 * formatPercent({ mean: 0.567, deviation: 0.008 }) // → '56.7 ± 0.8'
 */
export function formatPercent(
  figure: Pick<Spread, 'mean' | 'deviation'> | undefined,
  sign: '' | '+' = '',
): string | undefined {
  if (!figure) return undefined;
  const { mean, deviation } = figure;
  const digits = (100 * mean).toFixed(1);
  return `${mean >= 0 ? sign : ''}${digits}${deviation === undefined ? '' : ` ± ${(100 * deviation).toFixed(1)}`}`;
}
