/** Numbers that change over training. */
import { z } from 'zod';
import { parseOptions } from './schema.js';

const share = z.number().min(0).max(1);
const ramp = { from: z.number(), to: z.number(), start: share.default(0), end: share.default(1) };
const forward = ({ start, end }: { start: number; end: number }) => start < end;
const rising = (at: readonly number[]) => at.every((v, i) => i === 0 || v > (at[i - 1] as number));
const startsFirst = { error: 'expected start < end', path: ['end'] };

const linearSchema = z.strictObject({ schedule: z.literal('linear'), ...ramp }).refine(forward, startsFirst);
const cosineSchema = z.strictObject({ schedule: z.literal('cosine'), ...ramp }).refine(forward, startsFirst);
const stepsSchema = z
  .strictObject({
    schedule: z.literal('steps'),
    /** The value before the first boundary, then after each. One longer than `at`. */
    values: z.array(z.number()).min(1),
    at: z.array(share).refine(rising, 'expected boundaries in rising order'),
  })
  .refine(({ values, at }) => values.length === at.length + 1, {
    error: 'expected one value more than there are boundaries in at',
    path: ['values'],
  });

/**
 * Schema of a schedule, as `linear`, `cosine` and `steps` make it.
 *
 * @example scheduleSchema.parse(linear(0, 1)).schedule // → 'linear'
 */
export const scheduleSchema = z
  .discriminatedUnion('schedule', [linearSchema, cosineSchema, stepsSchema])
  .meta({ title: 'a schedule' });

/**
 * A number that changes with training progress in [0, 1]. Plain JSON, so a pipeline that holds one can be stored.
 */
export type Schedule = z.infer<typeof scheduleSchema>;
/** A number, or a schedule: most numeric options of transforms and regularizers accept either. */
export type Scheduled = number | Schedule;

interface Span {
  /** Progress at which the change begins, default 0. */
  start?: number;
  /** Progress at which it is complete, default 1. */
  end?: number;
}

/**
 * A schedule from one value to another in a straight line over training, or between progress `start` and `end`.
 *
 * @throws {UsageError} if `start` is not below `end`, or one is not in 0..1
 * @example cutout(linear(0, 16, { start: 0.1 }))
 */
export function linear(from: number, to: number, { start = 0, end = 1 }: Span = {}): Schedule {
  return parseOptions('linear', linearSchema, { schedule: 'linear', from, to, start, end });
}

/**
 * A schedule from one value to another along half a cosine (Loshchilov and Hutter, 2017), over training or between
 * progress `start` and `end`.
 *
 * @throws {UsageError} if `start` is not below `end`, or one is not in 0..1
 * @example mixup(cosine(0.4, 0))
 */
export function cosine(from: number, to: number, { start = 0, end = 1 }: Span = {}): Schedule {
  return parseOptions('cosine', cosineSchema, { schedule: 'cosine', from, to, start, end });
}

/**
 * A piecewise constant schedule: `values[0]`, then `values[i + 1]` from progress `at[i]` on.
 *
 * @throws {UsageError} if there is not one value more than boundaries, or boundaries do not rise within 0..1
 * @example rotate(steps([0, 10, 30], [0.2, 0.6]))
 */
export function steps(values: number[], at: number[]): Schedule {
  return parseOptions('steps', stepsSchema, { schedule: 'steps', values, at });
}

/**
 * True for a schedule, false for a number.
 *
 * @example isSchedule(linear(0, 1)) // → true
 */
export const isSchedule = (value: unknown): value is Schedule =>
  typeof value === 'object' && value !== null && 'schedule' in value;

/**
 * The value of a number or schedule at a progress in [0, 1].
 *
 * @example valueAt(linear(0, 10), 0.5) // → 5
 */
export function valueAt(value: Scheduled, progress: number): number {
  if (typeof value === 'number') return value;
  if (value.schedule === 'steps') {
    let i = 0;
    while (i < value.at.length && progress >= (value.at[i] as number)) i++;
    return value.values[i] as number;
  }
  const t = Math.min(1, Math.max(0, (progress - value.start) / (value.end - value.start)));
  const eased = value.schedule === 'linear' ? t : (1 - Math.cos(Math.PI * t)) / 2;
  return value.from + (value.to - value.from) * eased;
}

/**
 * The same schedule of other values: exact where `f` is linear.
 *
 * @example valueAt(mapSchedule(linear(0, 10), (v) => -v), 0.5) // → -5
 */
export function mapSchedule(value: Scheduled, f: (v: number) => number): Scheduled {
  if (typeof value === 'number') return f(value);
  return value.schedule === 'steps'
    ? { ...value, values: value.values.map(f) }
    : { ...value, from: f(value.from), to: f(value.to) };
}

/** Every value a schedule can take lies between these. */
const extremes = (value: Schedule): number[] =>
  value.schedule === 'steps' ? value.values : [value.from, value.to];

/**
 * Schema of a number in [min, max], or of a schedule whose every value is.
 *
 * @example scheduled(0, 1).parse(0.3) // → 0.3
 */
export const scheduled = (min?: number, max?: number) => within('number', min, max);

/**
 * Schema of a whole number in [min, max], or of a schedule; its values are rounded where they are used.
 *
 * @example scheduledInt(0, 64).parse(16) // → 16
 */
export const scheduledInt = (min?: number, max?: number) => within('int', min, max);

/** The same range is asked for by one transform after the other, and a worker makes all of them when it starts. */
const made = new Map<string, ReturnType<typeof make>>();

function within(kind: 'number' | 'int', min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY) {
  const name = `${kind} ${min} ${max}`;
  const schema = made.get(name) ?? make(kind, min, max);
  made.set(name, schema);
  return schema;
}

function make(kind: 'number' | 'int', min: number, max: number) {
  let bounded: z.ZodNumber = z[kind]();
  if (min > Number.NEGATIVE_INFINITY) bounded = bounded.min(min);
  if (max < Number.POSITIVE_INFINITY) bounded = bounded.max(max);
  const schedule = scheduleSchema
    .refine((value) => extremes(value).every((v) => v >= min && v <= max), {
      error: `expected every value of the schedule to be ${range(min, max)}`,
    })
    .meta({ title: 'a schedule' });
  return z.union([bounded, schedule]);
}

function range(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return `≥ ${min}`;
  return min === Number.NEGATIVE_INFINITY ? `≤ ${max}` : `in ${min}..${max}`;
}
