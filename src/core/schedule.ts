/** Schedules: numbers that change with the progress of training. */
import { z } from 'zod';
import { joined } from './positional.js';
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
    /** The value before the first boundary, then the value from each boundary on; one more than boundaries. */
    values: z.array(z.number()).min(1),
    /** The boundaries: progress in 0..1, rising. */
    at: z.array(share).refine(rising, 'expected boundaries in rising order'),
  })
  .refine(({ values, at }) => values.length === at.length + 1, {
    error: 'expected one value more than there are boundaries in at',
    path: ['values'],
  });

/**
 * The schema of a schedule, for options that take one.
 *
 * @example
 * scheduleSchema.safeParse({ schedule: 'linear', from: 0, to: 1 }).success // → true
 */
export const scheduleSchema = z
  .discriminatedUnion('schedule', [linearSchema, cosineSchema, stepsSchema])
  .meta({ title: 'a schedule' });

/**
 * A number that changes with the progress of training, as plain JSON: what `linear`, `cosine` and `steps` return. Nearly
 * every number among the options of transforms and regularizers may be one.
 */
export type Schedule = z.infer<typeof scheduleSchema>;
/** A number, or a schedule of numbers. */
export type Scheduled = number | Schedule;

interface Span {
  /** Progress in 0..1 at which the change starts. Default 0. */
  start?: number;
  /** Progress in 0..1 at which it ends, after `start`. Default 1. */
  end?: number;
}

/**
 * A schedule that moves in a straight line from one value to another over training, constant before `start` and after
 * `end`.
 *
 * @param from The value at `start`.
 * @param to The value at `end`.
 * @throws UsageError if a value is not a finite number, or `start` is not before `end`.
 * @example
 * valueAt(linear(0, 16), 0.25) // → 4
 */
export function linear(from: number, to: number, span: Span = {}): Schedule {
  return parseOptions('linear', linearSchema, {
    schedule: 'linear',
    ...joined('linear', { from, to }, span),
  });
}

/**
 * A schedule that moves along half a cosine from one value to another over training (Loshchilov and Hutter, 2017):
 * slowly at both ends.
 *
 * @param from The value at `start`.
 * @param to The value at `end`.
 * @throws UsageError if a value is not a finite number, or `start` is not before `end`.
 * @example
 * cosine(0.1, 0, { start: 0.5 }) // → { schedule: 'cosine', from: 0.1, to: 0, start: 0.5, end: 1 }
 */
export function cosine(from: number, to: number, span: Span = {}): Schedule {
  return parseOptions('cosine', cosineSchema, {
    schedule: 'cosine',
    ...joined('cosine', { from, to }, span),
  });
}

/**
 * A schedule in steps: `values[0]` at first, then `values[i + 1]` from the progress `boundaries[i]` on.
 *
 * @param values One more than there are boundaries.
 * @param boundaries Progress in 0..1, rising.
 * @throws UsageError if there is not one value more than boundaries, or they do not rise.
 * @example
 * valueAt(steps([1, 0.5, 0.1], [0.5, 0.75]), 0.6) // → 0.5
 */
export function steps(values: readonly number[], boundaries: readonly number[]): Schedule {
  return parseOptions('steps', stepsSchema, { schedule: 'steps', values, at: boundaries });
}

/**
 * Whether a value is a schedule and not a number.
 *
 * @example
 * isSchedule(linear(0, 1)) // → true
 */
export const isSchedule = (value: unknown): value is Schedule =>
  typeof value === 'object' && value !== null && 'schedule' in value;

/**
 * The value of a number or a schedule at a progress of training.
 *
 * @param progress Progress in 0..1; beyond it, the value is that of the nearer end.
 * @example
 * valueAt(cosine(1, 0), 1) // → 0
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
 * The schedule of the values that a function gives; exact at every progress if the function is linear.
 *
 * @example
 * mapSchedule(linear(0, 2), (v) => v / 2) // → { schedule: 'linear', from: 0, to: 1, start: 0, end: 1 }
 */
export function mapSchedule(value: Scheduled, f: (v: number) => number): Scheduled {
  if (typeof value === 'number') return f(value);
  return value.schedule === 'steps'
    ? { ...value, values: value.values.map(f) }
    : { ...value, from: f(value.from), to: f(value.to) };
}

/**
 * Where plain options follow progress, by a schedule or by the stages of `staged`: 'size', 'labels.smoothing', or
 * 'cutout: size' where they are those of another transform inside. Undefined where nothing does.
 */
export function scheduleIn(value: unknown, at = ''): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if ('schedule' in value) return at;
  const { op, options } = value as { readonly op?: unknown; readonly options?: unknown };
  if (typeof op === 'string' && options !== undefined) {
    const inside = op === 'staged' ? 'stages' : scheduleIn(options);
    return inside === undefined ? undefined : `${op}: ${inside}`;
  }
  for (const [key, part] of Object.entries(value)) {
    const within = Array.isArray(value) ? `${at}[${key}]` : at === '' ? key : `${at}.${key}`;
    const found = scheduleIn(part, within);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The sentence about something that follows progress where there is none: the source repeats for ever. */
export const neverAdvances = (what: string): string =>
  `${what} follows the progress of training, but its source has epochs: Infinity, so it would never change; give the source a number of epochs, or epochs to train()`;

/** Every value a schedule can take lies between these. */
const extremes = (value: Schedule): number[] =>
  value.schedule === 'steps' ? value.values : [value.from, value.to];

/**
 * The schema of a number in [min, max], or of a schedule with all values in that range.
 *
 * @example
 * scheduled(0, 1).safeParse(2).success // → false
 */
export const scheduled = (min?: number, max?: number) => within('number', min, max);

/**
 * The same for whole numbers; values of a schedule are rounded where they are used.
 *
 * @example
 * scheduledInt(1).safeParse(1.5).success // → false
 */
export const scheduledInt = (min?: number, max?: number) => within('int', min, max);

/** Many transforms use the same range, and each worker makes all of them when it starts. */
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
