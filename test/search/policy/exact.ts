/** What a policy of numbers applies, computed: the share of samples of each op, and its magnitudes. */
import type { OpSetting, PolicySetting } from '../../../src/search/policy/policy.js';

export interface Applied {
  /** Share of samples to which the op is applied, once or more. */
  readonly share: number;
  /** Its uniform ranges, each with the number of times that it is applied to a sample, on average. */
  readonly ranges: readonly { readonly rate: number; readonly low: number; readonly high: number }[];
}

export function exactly({ subPolicies }: PolicySetting): ReadonlyMap<string, Applied> {
  const all = new Map<string, { share: number; ranges: Applied['ranges'][number][] }>();
  const whole = total(subPolicies);
  for (const { weight, stages } of subPolicies) {
    const missed = new Map<string, number>();
    for (const stage of stages) {
      const inStage = new Map<string, number>();
      for (const one of stage) {
        const rate = (one.weight / total(stage)) * one.p;
        inStage.set(one.op, (inStage.get(one.op) ?? 0) + rate);
        const own = all.get(one.op) ?? { share: 0, ranges: [] };
        all.set(one.op, own);
        if (rate > 0) own.ranges.push({ rate: (weight / whole) * rate, ...span(one) });
      }
      for (const [op, rate] of inStage) missed.set(op, (missed.get(op) ?? 1) * (1 - rate));
    }
    for (const [op, never] of missed) all.get(op)!.share += (weight / whole) * (1 - never);
  }
  return all;
}

const total = (all: readonly { readonly weight: number }[]) =>
  all.reduce((sum, { weight }) => sum + weight, 0);
const span = ({ low = 0, high = 0 }: OpSetting) => ({ low, high });

/** What was seen of an op in so many samples. */
export interface Seen {
  readonly samples: number;
  /** Of magnitudes: how many, and their least, mean and greatest. */
  readonly number?: number;
  readonly low?: number;
  readonly mean?: number;
  readonly high?: number;
}

/**
 * How a sample of n differs from the distribution, in words: shares and means by more than five standard errors, ranges
 * that are left or, up to a chance of e⁻¹⁵, not filled. `slack` is by how much magnitudes may be off; an op of a share below
 * 1/1000 may be missing.
 */
export function differences(
  exact: ReadonlyMap<string, Applied>,
  seen: Readonly<Record<string, Seen>>,
  n: number,
  slack: (op: string) => number,
): string[] {
  const wrong = Object.keys(seen)
    .filter((op) => !exact.has(op))
    .map((op) => `${op} is no op of the policy`);
  for (const [op, { share, ranges }] of exact) {
    const own = seen[op] ?? { samples: 0 };
    const off = Math.abs(own.samples / n - share);
    if (off > 5 * Math.sqrt((share * (1 - share)) / n) + 1e-3)
      wrong.push(`${op}: share ${own.samples / n}, not ${share}`);
    if (own.samples > 0 && share < 1e-3) wrong.push(`${op}: applied, but hardly searched`);
    const used = ranges.filter(({ rate }) => rate >= 1e-3);
    if (used.every(({ low, high }) => low === 0 && high === 0)) continue;
    wrong.push(...outside(op, used, own, n, slack(op)));
  }
  return wrong;
}

function outside(op: string, ranges: Applied['ranges'], seen: Seen, n: number, slack: number): string[] {
  const { low = Number.NaN, mean = Number.NaN, high = Number.NaN, number = 0 } = seen;
  const first = ranges.reduce((a, b) => (b.low < a.low ? b : a));
  const last = ranges.reduce((a, b) => (b.high > a.high ? b : a));
  const rate = ranges.reduce((sum, one) => sum + one.rate, 0);
  const moment = (of: (one: Applied['ranges'][number]) => number) =>
    ranges.reduce((sum, one) => sum + one.rate * of(one), 0) / rate;
  const expected = moment((one) => (one.low + one.high) / 2);
  const square = moment((one) => (one.low ** 2 + one.low * one.high + one.high ** 2) / 3);
  const error = 5 * Math.sqrt((square - expected ** 2) / number);
  const gap = (one: Applied['ranges'][number]) => (15 * (one.high - one.low)) / (n * one.rate);
  const holds = {
    [`mean ${mean}, not ${expected}`]: Math.abs(mean - expected) <= error + slack,
    [`from ${low}, not ${first.low}`]: low >= first.low - slack && low <= first.low + gap(first) + slack,
    [`to ${high}, not ${last.high}`]: high <= last.high + slack && high >= last.high - gap(last) - slack,
  };
  return Object.entries(holds).flatMap(([what, is]) => (is ? [] : [`${op}: ${what}`]));
}
