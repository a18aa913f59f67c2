/** Transforms of transforms: one of several, some of several, or a chain with a probability. */
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
