import { randomApply, type SampleOperator } from '../../augment/index.js';
import { expected, nearest, show, UsageError } from '../../core/index.js';
import type { Magnitude, SearchOp } from '../space/search-op.js';
import type { SearchSpace } from '../space/search-space.js';
import type { OpSetting } from './policy.js';
import { LEAST, rounded } from './rounded.js';

/** One op with its probability and magnitudes; nothing where it is never applied. `where` begins the errors. */
export function opOperator(space: SearchSpace, setting: OpSetting, where: string): SampleOperator[] {
  const op = found(space, setting.op, where);
  const what = `${where}, ${op.name}`;
  const p = rounded(setting.p);
  if (!(p >= 0 && p <= 1))
    throw new UsageError(expected(`${what}: p`, 'a number in 0..1', setting.p, 'fix the policy'));
  const [low, high] = magnitudesOf(op, setting, what);
  if (setting.weight === 0 || p < LEAST) return [];
  const operator = op.make(low, high);
  return [p < 1 ? randomApply(p, operator) : operator];
}

function found({ ops }: SearchSpace, name: string, where: string): SearchOp {
  const op = ops.find((one) => one.name === name);
  if (op) return op;
  const names = ops.map((one) => one.name);
  const near = nearest(name, names);
  throw new UsageError(
    `${where}: unknown op ${show(name)}; ${near ? `did you mean '${near}'?` : `the ops of the space are ${names.join(', ')}`}`,
  );
}

function magnitudesOf({ magnitude }: SearchOp, { low, high }: OpSetting, where: string): [number, number] {
  if (!magnitude) {
    if (low === undefined && high === undefined) return [0, 0];
    throw new UsageError(`${where}: expected no magnitude but received one; leave out low and high`);
  }
  if (!(within(magnitude, low) && within(magnitude, high) && (low as number) <= (high as number))) {
    const bounds = `low ≤ high in ${magnitude.low}..${magnitude.high}`;
    throw new UsageError(expected(where, bounds, [low, high], 'fix the policy'));
  }
  return [bounded(magnitude, low as number), bounded(magnitude, high as number)];
}

/** A learned magnitude may miss a bound by an error of rounding. */
const within = ({ low, high }: Magnitude, value: number | undefined): boolean => {
  const slip = 1e-6 * (high - low);
  return value !== undefined && value >= low - slip && value <= high + slip;
};

const bounded = ({ low, high }: Magnitude, value: number): number =>
  Math.min(Math.max(rounded(value), low), high);
