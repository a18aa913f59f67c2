/** Transforms as two functions, `draw` and `lower`. */
import type { MonoTypeOperatorFunction } from 'rxjs';
import type { z } from 'zod';
import {
  type Draw,
  Draws,
  isSchedule,
  type Key,
  parseOptions,
  type Sample,
  type Schedule,
  type Scheduled,
  scheduled,
  scheduleIn,
  valueAt,
} from '../../core/index.js';
import { linked } from '../../core/lineage.js';
import { expectItems } from '../../core/order.js';
import type { PlanBuilder } from '../plan/plan.js';
import { drawnBy } from '../plugin/guard.js';
import { ownerOf } from '../plugin/owner.js';
import { drawing, followsProgress } from './draw-all.js';
import type { Op } from './op.js';

/** The type of an option once every schedule in it is replaced by its value at the current progress. */
export type Resolved<T> = T extends Schedule
  ? never
  : T extends readonly [infer A, infer B]
    ? readonly [Resolved<A>, Resolved<B>]
    : T extends { readonly share: infer S }
      ? { readonly share: Resolved<S> }
      : T;
type ResolvedOptions<O> = { readonly [K in keyof O]: Resolved<O[K]> };

type Json = Readonly<Record<string, unknown>>;

/**
 * What `defineTransform` makes a transform of: its options and parameters as zod schemas, how it draws, and what a
 * draw does to pixels.
 */
export interface TransformSpec<O extends z.ZodObject, P extends z.ZodObject> {
  readonly name: string;
  /** The options; `p`, the probability of applying, is added to them. */
  readonly options: O;
  /** The parameters of a draw. */
  readonly params: P;
  /** Default probability of applying: 1 for what adjusts, 0.5 for what is there or not (see `TRANSFORMS`). Default 1. */
  readonly p?: number;
  /** Options that a single number, schedule or pair stands for: `cutout(16)`, `cutout(linear(0, 16))`. */
  readonly shorthand?: (value: never) => z.input<O>;
  /** Options at a strength in [0, 1]; 0 is the identity. The docs and the contract tests use it. */
  readonly magnitude?: (strength: number) => z.input<O>;
  readonly draw: (draws: Draws, options: ResolvedOptions<z.output<O>>) => z.input<P>;
  readonly lower: (params: z.output<P>, plan: PlanBuilder) => void;
}

/** A transform with its options: draws are made by position under a sample's key. */
export interface BoundTransform {
  readonly name: string;
  /** Complete options, for storing the pipeline. */
  readonly options: Json;
  /** The ops of the draws that it makes. */
  readonly ops: readonly Op[];
  draw(key: Key, progress: number): Draw[];
}

/**
 * An operator over samples, as `rotate(30)` returns: a part of `pipe`, of `oneOf` and its like, and of `augment`.
 * `transform` holds its name, its options and how it draws.
 */
export interface SampleOperator extends MonoTypeOperatorFunction<Sample> {
  readonly transform: BoundTransform;
}

/** Options as a caller writes them, with `p`. An empty object schema would forbid every key. */
type Given<O extends z.ZodObject> = ([keyof O['shape']] extends [never] ? unknown : z.input<O>) & {
  p?: z.input<typeof probability>;
};

/** What `defineTransform` returns: call it with options, or with the shorthand, for an operator. */
export interface Factory<O extends z.ZodObject, S = never> {
  (options?: Given<O> | S): SampleOperator;
  readonly spec: TransformSpec<O, z.ZodObject>;
  readonly op: Op;
}

const probability = scheduled(0, 1);

/**
 * Makes a transform of two functions: `draw` turns randomness into plain JSON parameters, `lower` says what those
 * parameters do to pixels. The result is a factory; what it returns is an RxJS operator over samples and a part
 * for `oneOf`, `randomApply` and policies. `p`, the probability of applying, is added to the options.
 *
 * @throws {UsageError} by the factory, if an option is unknown or out of range
 * @example
 * const darken = defineTransform({
 *   name: 'darken',
 *   options: z.strictObject({ factor: interval(0, 1).default([0.5, 0.9]) }),
 *   params: z.strictObject({ factor: z.number() }),
 *   draw: (draws, { factor }) => ({ factor: between(draws, factor) }),
 *   lower: ({ factor }, plan) => plan.lookUp((value) => value * factor),
 * });
 * darken({ p: 0.5 }).transform.name // → 'darken'
 */
export function defineTransform<O extends z.ZodObject, P extends z.ZodObject, S = never>(
  spec: TransformSpec<O, P> & { shorthand?: (value: S) => z.input<O> },
): Factory<O, S> {
  const schema = spec.options.extend({ p: probability.default(spec.p ?? 1) });
  const op: Op = {
    name: spec.name,
    params: spec.params,
    lower: spec.lower as Op['lower'],
  };
  const factory = (given: unknown = {}): SampleOperator => {
    const plain = typeof given === 'object' && given !== null && !Array.isArray(given) && !isSchedule(given);
    const input = plain || !spec.shorthand ? given : (spec.shorthand as (v: unknown) => unknown)(given);
    const options = parseOptions(spec.name, schema, input) as Json & { p: Scheduled };
    const { p, ...own } = options;
    const resolve = resolver(own);
    return asOperator({
      name: spec.name,
      options,
      ops: [op],
      draw(key, progress) {
        const draws = new Draws(key);
        const now = valueAt(p, progress);
        if (now < 1 && !draws.chance(now)) return [];
        return [{ op: spec.name, params: paramsOf(op, spec, draws, resolve(progress) as never) }];
      },
    });
  };
  return Object.assign(factory, { spec, op }) as unknown as Factory<O, S>;
}

/** Apart from `draw`: a closure there would be paid for at every draw, and only plugins need it. */
function paramsOf<R>(
  op: Op,
  spec: { draw(draws: Draws, options: R): object },
  draws: Draws,
  options: R,
): Draw['params'] {
  const drawn = ownerOf(op) === undefined ? spec.draw(draws, options) : guardedDraw(op, spec, draws, options);
  return drawn as Draw['params'];
}

const guardedDraw = <R>(op: Op, spec: { draw(draws: Draws, options: R): object }, draws: Draws, options: R) =>
  drawnBy(op, () => spec.draw(draws, options));

/**
 * A bound transform as an operator: it appends draws to each sample, keyed by the position of the operator in the
 * stream.
 *
 * @example asOperator({ ...rotate(30).transform, name: 'tilt' })
 */
export function asOperator(transform: BoundTransform): SampleOperator {
  const operator: MonoTypeOperatorFunction<Sample> = (from) => {
    expectItems(transform.name, 'samples', from);
    return linked(drawing(from, transform), { from, sample: transform });
  };
  return Object.assign(operator, { transform });
}

/** Replaces schedules by their values; options without any are returned as they are. */
function resolver<O extends Json>(options: O): (progress: number) => O {
  return scheduleIn(options) === undefined ? () => options : (progress) => read(options, progress) as O;
}

/** Whether its draws depend on how far training is: it, or a transform inside it, has a schedule or stages. */
export const dependsOnProgress = (transform: Pick<BoundTransform, 'name' | 'options'>): boolean =>
  followsProgress(transform) !== undefined;

function read(value: unknown, progress: number): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if ('schedule' in value) return valueAt(value as Schedule, progress);
  if (Array.isArray(value)) return value.map((v) => read(v, progress));
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, read(v, progress)]));
}
