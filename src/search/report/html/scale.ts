/** From values to places in a drawing. */

/** A linear scale with round ticks. */
export interface Scale {
  readonly ticks: readonly number[];
  /** Place of a value. */
  at(value: number): number;
}

/** Round numbers that hold all the values; never an empty range. Not finite ones are left out. */
export function scaleOf(values: readonly number[], from: number, to: number, wanted = 5): Scale {
  const finite = values.filter(Number.isFinite);
  let low = finite.length > 0 ? Math.min(...finite) : 0;
  let high = finite.length > 0 ? Math.max(...finite) : 1;
  if (high === low) {
    const half = Math.abs(low) * 0.05 || 0.5;
    low -= half;
    high += half;
  }
  const rough = (high - low) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  const ticks = Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
  const [start, end] = [ticks[0], ticks[ticks.length - 1]];
  const at = (value: number) =>
    Math.round(10 * (from + ((value - start) / (end - start)) * (to - from))) / 10;
  return { ticks, at };
}
