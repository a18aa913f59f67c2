/** Transforms of transforms: one of several, evenly or by odds, some of several, or a chain with a probability. */
import { z } from 'zod';
import {
  type Draw,
  Draws,
  expected,
  fold,
  type Key,
  parseOptions,
  type Scheduled,
  scheduled,
  UsageError,
  valueAt,
} from '../../core/index.js';
import { asOperator, type BoundTransform, type SampleOperator } from './define-transform.js';

function parts(owner: string, operators: readonly SampleOperator[]): BoundTransform[] {
  if (operators.length === 0)
    throw new UsageError(`${owner}: expected at least one transform but received none`);
  return operators.map((operator, i) => {
    if (!operator?.transform) {
      const fix = `only per-sample transforms can be chosen from: put it before or after ${owner}()`;
      throw new UsageError(expected(owner, `a transform at place ${i}`, operator, fix));
    }
    return operator.transform;
  });
}

function composite(
  name: string,
  options: Record<string, unknown>,
  inner: readonly BoundTransform[],
  draw: BoundTransform['draw'],
): SampleOperator {
  const of = inner.map(({ name, options }) => ({ op: name, options }));
  return asOperator({ name, options: { ...options, of }, ops: inner.flatMap(({ ops }) => ops), draw });
}

/** All in order, each with a key of its place. */
function all(inner: readonly BoundTransform[], key: Key, progress: number): Draw[] {
  return inner.flatMap((transform, i) => transform.draw(fold(key, i + 1), progress));
}

/**
 * Applies exactly one of the transforms, chosen with equal probability for each sample. The chosen one still
 * applies with its own `p`.
 *
 * @throws {UsageError} if none is given, or an operator is no per-sample transform
 * @example oneOf(gaussianBlur(2), sharpness(0.5), invert({ p: 1 }))
 */
export function oneOf(...operators: SampleOperator[]): SampleOperator {
  const inner = parts('oneOf', operators);
  return composite('oneOf', {}, inner, (key, progress) => {
    const chosen = new Draws(key).int(inner.length);
    return (inner[chosen] as BoundTransform).draw(fold(key, chosen + 1), progress);
  });
}

/**
 * Applies exactly one of the transforms, chosen by odds for each sample: transform i with probability wᵢ / Σ w. The
 * chosen one still applies with its own `p`; odds of 0 are never chosen. With equal odds it draws what `oneOf` draws.
 *
 * @throws {UsageError} if none is given, odds are not in 0..1e9 or none is above 0, or an operator is no per-sample
 * transform
 * @example weightedOneOf([3, rotate(30)], [1, invert({ p: 1 })])
 */
export function weightedOneOf(
  ...members: readonly (readonly [weight: number, operator: SampleOperator])[]
): SampleOperator {
  const name = 'weightedOneOf';
  members.forEach((member, i) => {
    if (Array.isArray(member)) return;
    const fix = 'write weightedOneOf([3, rotate(30)], [1, invert()])';
    throw new UsageError(expected(name, `[odds, transform] at place ${i}`, member, fix));
  });
  const inner = parts(
    name,
    members.map(([, operator]) => operator),
  );
  const weights = members.map(([weight]) => weight);
  const upTo = cumulated(name, weights);
  const total = upTo.at(-1) as number;
  const last = weights.findLastIndex((weight) => weight > 0);
  return composite(name, { weights }, inner, (key, progress) => {
    const at = new Draws(key).uniform(0, total);
    const found = upTo.findIndex((sum) => at < sum);
    const chosen = found < 0 ? last : found; // rounding may reach the total itself
    return (inner[chosen] as BoundTransform).draw(fold(key, chosen + 1), progress);
  });
}

/** The sums of the odds up to each place. */
function cumulated(owner: string, weights: readonly number[]): readonly number[] {
  let sum = 0;
  const upTo = weights.map((weight, i) => {
    if (!(typeof weight === 'number' && weight >= 0 && weight <= HIGHEST_ODDS)) {
      const fix = 'odds need not sum to 1';
      throw new UsageError(expected(owner, `odds in 0..1e9 at place ${i}`, weight, fix));
    }
    sum += weight;
    return sum;
  });
  if (sum === 0) throw new UsageError(`${owner}: expected odds above 0 but all are 0; raise one of them`);
  return upTo;
}

const HIGHEST_ODDS = 1e9;

/**
 * Applies n different ones of the transforms, in random order. Each still applies with its own `p`.
 *
 * @throws {UsageError} if none is given, n is not in 0..their number, or an operator is no per-sample transform
 * @example someOf(2, brightness(0.4), contrast(0.4), hue(0.1))
 */
export function someOf(n: number, ...operators: SampleOperator[]): SampleOperator {
  const inner = parts('someOf', operators);
  parseOptions('someOf', z.int().min(0).max(inner.length), n);
  return composite('someOf', { n }, inner, (key, progress) =>
    Array.from(new Draws(key).permutation(inner.length).subarray(0, n)).flatMap((i) =>
      (inner[i] as BoundTransform).draw(fold(key, i + 1), progress),
    ),
  );
}

/**
 * Applies all of the transforms, in order, with probability p, or none of them; p may be a schedule. Each still
 * applies with its own `p`.
 *
 * @throws {UsageError} if none is given, p is not in 0..1, or an operator is no per-sample transform
 * @example randomApply(0.8, colorJitter({ brightness: 0.4, hue: 0.1 }), grayscale({ p: 0.2 }))
 */
export function randomApply(probability: Scheduled, ...operators: SampleOperator[]): SampleOperator {
  const inner = parts('randomApply', operators);
  const p = parseOptions('randomApply', scheduled(0, 1), probability);
  return composite('randomApply', { p }, inner, (key, progress) =>
    new Draws(key).chance(valueAt(p, progress)) ? all(inner, key, progress) : [],
  );
}
