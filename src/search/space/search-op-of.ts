/** Search ops out of transforms: any factory, built in or a plugin's, with one of its options as the magnitude. */
import type { z } from 'zod';
import {
  asOperator,
  type BoundTransform,
  type SampleOperator,
  type TransformSpec,
} from '../../augment/index.js';
import { Draws, expected, fold, messageOf, nearest, show, UsageError } from '../../core/index.js';
import type { Magnitude, SearchOp, Twin } from './search-op.js';

/** What `defineTransform` returns, as far as a search op needs it. */
export interface AnyFactory {
  // biome-ignore lint/suspicious/noExplicitAny: factories differ in their options, which their schemas check
  (options?: any): SampleOperator;
  // biome-ignore lint/suspicious/noExplicitAny: the same
  readonly spec: Pick<TransformSpec<any, any>, 'name' | 'options' | 'magnitude'>;
}

/** A factory as a plugin holds it. */
export interface PluginTransform {
  readonly op: { readonly name: string };
}

export interface SearchOpOptions {
  /** Default the transform's. */
  readonly name?: string;
  /**
   * The option that the magnitude is. Default: the strength in 0..1 of the transform's own `magnitude`; a transform without
   * one has nothing to set.
   */
  readonly option?: string;
  /** Bounds of the search; with `option` they are needed, without it 0 and 1. */
  readonly low?: number;
  readonly high?: number;
  /** Where nothing changes; default 0. It may lie outside the bounds. */
  readonly neutral?: number;
  /** For people; default the option's name, or 'strength'. */
  readonly unit?: string;
  /** What the option is set to at a magnitude; default the magnitude. It rises or falls throughout. */
  readonly value?: (magnitude: number) => unknown;
  /** Other options. */
  readonly fixed?: Readonly<Record<string, unknown>>;
  /** Numbers of channels that it takes; default 1 and 3. */
  readonly channels?: readonly (1 | 3)[];
  /** Without one the op takes part in the strategies that need no gradient of its magnitude. */
  readonly twin?: Twin;
}

/**
 * A search op out of a transform factory. Where the option is a range, [low, high] becomes that range; a range of whole
 * numbers becomes those within [low, high], equally likely, or the one nearest to the middle; where it is one value, it is
 * drawn anew for each image. The op always applies: its probability is the policy's.
 *
 * @throws {UsageError} if the option is unknown, the bounds are missing, reversed or outside the transform's schema, or a
 * twin stands where nothing says what its magnitude is
 * @example searchOp(rotate, { option: 'angle', low: -30, high: 30, neutral: 0, unit: 'degrees' }).name // → 'rotate'
 */
export function searchOp(transform: AnyFactory | PluginTransform, options: SearchOpOptions = {}): SearchOp {
  if (!isFactory(transform)) {
    const fix = 'give the factory itself, such as rotate, and not what it returns';
    throw new UsageError(expected('searchOp', 'a transform factory', transform, fix));
  }
  const factory = transform;
  const { name = factory.spec.name, channels, twin } = options;
  const magnitude = magnitudeOf(factory, name, options);
  const make = magnitude ? maker(factory, name, options, magnitude) : () => made(factory, name, options);
  // Bounds that the transform does not take are refused here, not in the middle of a search.
  make(magnitude?.low ?? 0, magnitude?.high ?? 0);
  return {
    name,
    ...(magnitude && { magnitude }),
    ...(channels && { channels }),
    make,
    ...(twin && { twin }),
  };
}

const isFactory = (given: unknown): given is AnyFactory =>
  typeof given === 'function' && (given as Partial<AnyFactory>).spec?.options !== undefined;

/** Refuses bounds that are no numbers, or reversed. */
export function checkBounds(where: string, low: unknown, high: unknown): void {
  const fine = Number.isFinite(low) && Number.isFinite(high) && (low as number) <= (high as number);
  if (!fine) {
    throw new UsageError(
      expected(where, 'bounds low ≤ high', [low, high], 'give two numbers, the lower one first'),
    );
  }
}

function magnitudeOf({ spec }: AnyFactory, name: string, options: SearchOpOptions): Magnitude | undefined {
  const { option, low, high, neutral = 0, unit } = options;
  const where = `searchOp ${name}`;
  if (option === undefined) {
    const bounded = low !== undefined || high !== undefined;
    if (!spec.magnitude) {
      if (!bounded) return undefined;
      throw new UsageError(
        `${where}: expected no bounds, for ${spec.name} has no strength of its own; name the option that they are for`,
      );
    }
    const bounds = { low: low ?? 0, high: high ?? 1 };
    checkBounds(where, bounds.low, bounds.high);
    if (bounds.low < 0 || bounds.high > 1) {
      throw new UsageError(
        expected(
          where,
          'a strength within 0..1',
          [bounds.low, bounds.high],
          'or name the option that the bounds are for',
        ),
      );
    }
    return { ...bounds, neutral, unit: unit ?? 'strength' };
  }
  const known = Object.keys((spec.options as z.ZodObject).shape);
  if (!known.includes(option)) {
    const near = nearest(option, known);
    throw new UsageError(
      `${where}: unknown option ${show(option)} of ${spec.name}; ${near ? `did you mean '${near}'?` : `known are ${known.join(', ')}`}`,
    );
  }
  checkBounds(where, low, high);
  return { low: low as number, high: high as number, neutral, unit: unit ?? option };
}

const made = (factory: AnyFactory, name: string, { fixed }: SearchOpOptions, own: object = {}) => {
  try {
    return factory({ ...fixed, ...own, p: 1 });
  } catch (error) {
    throw new UsageError(`searchOp ${name}: ${messageOf(error)}`, { cause: error });
  }
};

/** How the bounds reach the transform: as a range, as a range of whole numbers, or by one value for each image. */
function maker(
  factory: AnyFactory,
  name: string,
  options: SearchOpOptions,
  { low, high }: Magnitude,
): SearchOp['make'] {
  const { option, value = (m: number) => m } = options;
  const { spec } = factory;
  if (option === undefined) {
    const at = (strength: number) => made(factory, name, options, spec.magnitude?.(strength));
    return (from, to) => anew(name, at, from, to);
  }
  const schema = (spec.options as z.ZodObject).shape[option] as z.ZodType;
  const takes = (given: unknown) => schema.safeParse(given).success;
  const at = (given: unknown) => made(factory, name, options, { [option]: given });
  const ends = (from: number, to: number) => {
    const [a, b] = [value(from), value(to)];
    return typeof a === 'number' && typeof b === 'number' && a > b ? [b, a] : [a, b];
  };
  const [first, last] = ends(low, high) as [number, number];
  // Magnitudes that are no whole numbers distinguish ranges of whole ones.
  const between = low === high ? [low - 0.4, low + 0.4] : [low + 0.4142 * (high - low)];
  const fractions = between.some((m) => takes([value(m), value(m)]));
  if (!fractions && takes(wholeWithin(first, last))) {
    return (from, to) => at(wholeWithin(...(ends(from, to) as [number, number])));
  }
  const single = !takes([first, last]) && takes(first) && takes(last);
  return single ? (from, to) => anew(name, (m) => at(value(m)), from, to) : (from, to) => at(ends(from, to));
}

/** The whole numbers in a range, from the first to the last; where there is none, the nearest to the middle. */
function wholeWithin(low: number, high: number): [number, number] {
  const [first, last] = [Math.ceil(low - 1e-9), Math.floor(high + 1e-9)];
  const middle = Math.round((low + high) / 2);
  return first <= last ? [first, last] : [middle, middle];
}

/** The transform at a magnitude that is drawn for each image. Stored pipelines refuse it by its name. */
function anew(
  name: string,
  at: (magnitude: number) => SampleOperator,
  low: number,
  high: number,
): SampleOperator {
  const [first, last] = [at(low).transform, at(high).transform];
  const inner = (magnitude: number): BoundTransform => (low === high ? first : at(magnitude).transform);
  return asOperator({
    name: `searched ${name}`,
    options: { low: first.options, high: last.options },
    ops: first.ops,
    draw: (key, progress) => inner(new Draws(fold(key, 1)).uniform(low, high)).draw(fold(key, 2), progress),
  });
}
