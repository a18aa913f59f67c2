/**
 * Several runs of one thing as one figure: the mean and the sample standard deviation (n − 1), with which runs
 * that differ by their seed are told; and the same of differences between two things, seed by seed.
 */
export interface Spread {
  readonly count: number;
  readonly mean: number;
  /** Undefined for fewer than two values. */
  readonly deviation?: number;
}

export function meanAndStd(values: readonly number[]): Spread | undefined {
  const count = values.length;
  if (count === 0) return undefined;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  if (count === 1) return { count, mean };
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { count, mean, deviation: Math.sqrt(squares / (count - 1)) };
}

/** What `after` has over `before`, over the seeds that both have. */
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

/** Shares in hundredths: '56.7 ± 0.8', or with the sign '+' before what is not below 0, for differences. */
export function formatPercent(
  figure: Pick<Spread, 'mean' | 'deviation'> | undefined,
  sign: '' | '+' = '',
): string | undefined {
  if (!figure) return undefined;
  const { mean, deviation } = figure;
  const digits = (100 * mean).toFixed(1);
  return `${mean >= 0 ? sign : ''}${digits}${deviation === undefined ? '' : ` ± ${(100 * deviation).toFixed(1)}`}`;
}
