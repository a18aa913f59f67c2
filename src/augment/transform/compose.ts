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

/** Each in turn, every one under a key of its own place. */
function all(inner: readonly BoundTransform[], key: Key, progress: number): Draw[] {
  return inner.flatMap((transform, i) => transform.draw(fold(key, i + 1), progress));
}

/** Exactly one of the transforms, with equal probability. */
export function oneOf(...operators: SampleOperator[]): SampleOperator {
  const inner = parts('oneOf', operators);
  return composite('oneOf', {}, inner, (key, progress) => {
    const chosen = new Draws(key).int(inner.length);
    return (inner[chosen] as BoundTransform).draw(fold(key, chosen + 1), progress);
  });
}

/** n different ones of the transforms, in random order. */
export function someOf(n: number, ...operators: SampleOperator[]): SampleOperator {
  const inner = parts('someOf', operators);
  parseOptions('someOf', z.int().min(0).max(inner.length), n);
  return composite('someOf', { n }, inner, (key, progress) =>
    Array.from(new Draws(key).permutation(inner.length).subarray(0, n)).flatMap((i) =>
      (inner[i] as BoundTransform).draw(fold(key, i + 1), progress),
    ),
  );
}

/** All of the transforms with probability p, or none; p may be a schedule. */
export function randomApply(probability: Scheduled, ...operators: SampleOperator[]): SampleOperator {
  const inner = parts('randomApply', operators);
  const p = parseOptions('randomApply', scheduled(0, 1), probability);
  return composite('randomApply', { p }, inner, (key, progress) =>
    new Draws(key).chance(valueAt(p, progress)) ? all(inner, key, progress) : [],
  );
}
