import { z } from 'zod';
import { expected, messageOf, nearest, parseOptions, show, showNames, UsageError } from '../../core/index.js';
import type { BatchStage } from './batch-stage.js';
import type { SearchOp } from './search-op.js';
import { checkBounds, wholeBounds } from './search-op-of.js';
import { STANDARD_OPS } from './standard.js';

/** Which ops are searched, and the shape of the policy: `subPolicies` of `stages`, one of which is drawn for each image. */
export interface SearchSpace {
  readonly ops: readonly SearchOp[];
  readonly subPolicies: number;
  readonly stages: number;
  /** What may be done to batches, in the order of its application; default nothing. */
  readonly batchStages?: readonly BatchStage[];
}

export interface SearchSpaceOptions {
  /** Default the standard ops; add ops of one's own by `[...STANDARD_OPS, searchOp(…)]`. */
  readonly ops?: readonly SearchOp[];
  /** Names of those that are searched, default all. */
  readonly only?: readonly string[];
  /** Names of those that are not. */
  readonly except?: readonly string[];
  /** [low, high] of magnitudes in place of an op's own. */
  readonly bounds?: Readonly<Record<string, readonly [low: number, high: number]>>;
  /** Default 4. */
  readonly subPolicies?: number;
  /** Ops in a row, default 2. */
  readonly stages?: number;
  /**
   * Stages behind `batch`, such as `mixupStage()`; default none. Those that need models act before those that mix labels,
   * whatever their order here.
   */
  readonly batchStages?: readonly BatchStage[];
}

const WHERE = 'searchSpace';
const names = z.array(z.string());
const options = z.strictObject({
  ops: z.array(z.unknown()).optional(),
  only: names.optional(),
  except: names.default([]),
  bounds: z.record(z.string(), z.tuple([z.number(), z.number()])).default({}),
  subPolicies: z.int().min(1).max(100).default(4),
  stages: z.int().min(1).max(10).default(2),
  batchStages: z.array(z.unknown()).default([]),
});

/**
 * The space that a search runs in.
 *
 * @throws {UsageError} if a name is unknown or given twice, no op is left, or bounds are reversed, outside what the transform
 * takes, or for an op that is left out or has no magnitude
 * @example searchSpace({ only: ['rotate', 'hue'], bounds: { rotate: [-15, 15] } }).ops.map(({ name }) => name) // → [ 'rotate', 'hue' ]
 */
export function searchSpace(given: SearchSpaceOptions = {}): SearchSpace {
  const { only, except, bounds, subPolicies, stages } = parseOptions(WHERE, options, given);
  const all = checkedOps(given.ops ?? STANDARD_OPS);
  known('only', only ?? [], all);
  known('except', except, all);
  known('bounds', Object.keys(bounds), all);
  const both = only?.filter((name) => except.includes(name)) ?? [];
  if (both.length > 0) {
    throw new UsageError(
      `${WHERE}: only and except both name ${showNames(both)}; take it out of one of them`,
    );
  }
  const left = all.filter(({ name }) => (!only || only.includes(name)) && !except.includes(name));
  if (left.length === 0) {
    const fix =
      all.length === 0 ? 'give at least one op' : `keep one of ${showNames(all.map(({ name }) => name))}`;
    throw new UsageError(`${WHERE}: expected at least one op but none is left; ${fix}`);
  }
  const unused = Object.keys(bounds).filter((name) => !left.some((op) => op.name === name));
  if (unused.length > 0) {
    throw new UsageError(
      `${WHERE}: bounds are for ${showNames(unused)}, which only or except leaves out; take them out`,
    );
  }
  const batchStages = checkedStages(given.batchStages ?? [], left);
  return {
    ops: left.map((op) => within(op, bounds[op.name])),
    ...{ subPolicies, stages },
    ...(batchStages.length > 0 && { batchStages }),
  };
}

/**
 * The space without the ops that do not take images of these channels, and their names.
 *
 * @throws {UsageError} if no op is left
 * @example spaceFor(searchSpace(), 1).leftOut // → [ 'saturation', 'hue', 'grayscale' ]
 */
export function spaceFor(
  space: SearchSpace,
  channels: 1 | 3,
): { readonly space: SearchSpace; readonly leftOut: readonly string[] } {
  const takes = (op: SearchOp) => (op.channels ?? [1, 3]).includes(channels);
  const leftOut = space.ops.filter((op) => !takes(op)).map(({ name }) => name);
  if (leftOut.length === 0) return { space, leftOut };
  if (leftOut.length === space.ops.length) {
    throw new UsageError(
      `${WHERE}: no op is left for images of ${channels} channel${channels === 1 ? '' : 's'}: ${showNames(leftOut)} ${leftOut.length === 1 ? 'does' : 'do'} not take them; add ops that do, such as rotate or brightness`,
    );
  }
  return { space: { ...space, ops: space.ops.filter(takes) }, leftOut };
}

function checkedOps(ops: readonly SearchOp[]): readonly SearchOp[] {
  const seen = new Set<string>();
  ops.forEach((op, i) => {
    if (typeof op?.name !== 'string' || typeof op.make !== 'function') {
      const fix = 'make one of a transform by searchOp(transform)';
      throw new UsageError(expected(`${WHERE}: ops[${i}]`, 'a search op', op, fix));
    }
    if (seen.has(op.name)) {
      throw new UsageError(
        `${WHERE}: op ${show(op.name)} is there twice; leave one out, or give it another name`,
      );
    }
    seen.add(op.name);
  });
  return ops;
}

function checkedStages(stages: readonly BatchStage[], ops: readonly SearchOp[]): readonly BatchStage[] {
  const seen = new Set(ops.map(({ name }) => name));
  stages.forEach((stage, i) => {
    if (typeof stage?.name !== 'string' || typeof stage.make !== 'function') {
      const fix =
        'make one by mixupStage(), cutmixStage(), await latentNoiseStage(model) or await ganMixStage(model)';
      throw new UsageError(expected(`${WHERE}: batchStages[${i}]`, 'a batch stage', stage, fix));
    }
    if (seen.has(stage.name))
      throw new UsageError(
        `${WHERE}: ${show(stage.name)} is there twice; leave one out, or give it another name`,
      );
    seen.add(stage.name);
  });
  return [...stages.filter(({ model }) => model), ...stages.filter(({ model }) => !model)];
}

function known(option: string, given: readonly string[], ops: readonly SearchOp[]): void {
  const all = ops.map(({ name }) => name);
  const unknown = given.find((name) => !all.includes(name));
  if (unknown === undefined) return;
  const near = nearest(unknown, all);
  throw new UsageError(
    `${WHERE}: unknown op ${show(unknown)} in ${option}; ${near ? `did you mean '${near}'?` : `known are ${all.join(', ')}`}`,
  );
}

/** The op with other bounds. */
function within(op: SearchOp, bounds: readonly [number, number] | undefined): SearchOp {
  if (!bounds) return op;
  const where = `${WHERE}: bounds of ${op.name}`;
  if (!op.magnitude) {
    throw new UsageError(`${where}: expected none, for it has no magnitude; take them out`);
  }
  checkBounds(where, ...bounds);
  const [least, most] = bounds;
  const { low, high } = op.magnitude.whole
    ? wholeBounds(where, { low: least, high: most })
    : { low: least, high: most };
  try {
    op.make(low, high);
  } catch (error) {
    throw new UsageError(`${where}: ${messageOf(error)}`, { cause: error });
  }
  return { ...op, magnitude: { ...op.magnitude, low, high } };
}
