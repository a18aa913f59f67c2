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
import { wholeAt, wholeRange } from './whole.js';

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
 * numbers becomes those nearest to [low, high], equally likely; where it is one value, it is drawn anew for each image. The op always applies: its probability is the policy's.
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
  const given = magnitudeOf(factory, name, options);
  const { make, whole } = given
    ? maker(factory, name, options, given)
    : { make: () => made(factory, name, options), whole: false };
  if (whole && twin && options.value)
    throw new UsageError(
      `searchOp ${name}: expected no value beside a twin for an option of whole numbers; let the magnitude be the whole number`,
    );
  const magnitude =
    given && whole && !options.value
      ? ({ ...given, ...wholeBounds(`searchOp ${name}`, given), whole: true } as const)
      : given;
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

/** Bounds that are whole numbers: those within the given ones. */
export function wholeBounds(
  where: string,
  { low, high }: Pick<Magnitude, 'low' | 'high'>,
): Pick<Magnitude, 'low' | 'high'> {
  const [first, last] = [Math.ceil(low), Math.floor(high)];
  if (first <= last) return { low: first, high: last };
  throw new UsageError(expected(where, 'bounds with a whole number between them', [low, high], 'widen them'));
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

/**
 * How the bounds reach the transform: as a range, as a range of whole numbers, or by one value for each image; and whether
 * it takes whole numbers only.
 */
function maker(
  factory: AnyFactory,
  name: string,
  options: SearchOpOptions,
  { low, high }: Magnitude,
): { readonly make: SearchOp['make']; readonly whole: boolean } {
  const { option, value = (m: number) => m } = options;
  const { spec } = factory;
  if (option === undefined) {
    const at = (strength: number) => made(factory, name, options, spec.magnitude?.(strength));
    return { make: (from, to) => anew(name, at, from, to), whole: false };
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
  if (!fractions && takes(wholeRange(first, last)))
    return { make: (from, to) => at(wholeRange(...(ends(from, to) as [number, number]))), whole: true };
  const single = !takes([first, last]) && takes(first) && takes(last);
  if (!single) return { make: (from, to) => at(ends(from, to)), whole: false };
  const whole = !between.some((m) => takes(value(m)));
  return { make: (from, to) => anew(name, (m) => at(value(m)), from, to, whole), whole };
}

/** The transform at a magnitude that is drawn for each image. Stored pipelines refuse it by its name. */
function anew(
  name: string,
  at: (magnitude: number) => SampleOperator,
  low: number,
  high: number,
  whole = false,
): SampleOperator {
  const [from, to] = whole ? wholeRange(low, high) : [low, high];
  const [first, last] = [at(from).transform, at(to).transform];
  const inner = (place: number): BoundTransform => {
    if (from === to) return first;
    return at(whole ? wholeAt(low, high, place) : low + place * (high - low)).transform;
  };
  return asOperator({
    name: `searched ${name}`,
    options: { low: first.options, high: last.options },
    ops: first.ops,
    draw: (key, progress) => inner(new Draws(fold(key, 1)).uniform()).draw(fold(key, 2), progress),
  });
}
