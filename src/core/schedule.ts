/**
 * A number, or a number that changes with training progress in [0, 1]. Schedules are plain JSON, so a
 * pipeline that holds one can be stored; any numeric option of a transform or regularizer may be one.
 */
import { z } from 'zod';

const span = { start: z.number().min(0).max(1).default(0), end: z.number().min(0).max(1).default(1) };

export const scheduleSchema = z.discriminatedUnion('schedule', [
  z.strictObject({ schedule: z.literal('linear'), from: z.number(), to: z.number(), ...span }),
  z.strictObject({ schedule: z.literal('cosine'), from: z.number(), to: z.number(), ...span }),
  z.strictObject({
    schedule: z.literal('steps'),
    /** The value before the first boundary, then after each. One longer than `at`. */
    values: z.array(z.number()).min(1),
    at: z.array(z.number().min(0).max(1)),
  }),
]);

export type Schedule = z.infer<typeof scheduleSchema>;
export type Scheduled = number | Schedule;

interface Span {
  /** Progress at which the change begins, default 0. */
  start?: number;
  /** Progress at which it is complete, default 1. */
  end?: number;
}

/** From one value to another in a straight line over training. */
export function linear(from: number, to: number, { start = 0, end = 1 }: Span = {}): Schedule {
  return scheduleSchema.parse({ schedule: 'linear', from, to, start, end });
}

/** From one value to another along half a cosine (Loshchilov and Hutter, 2017). */
export function cosine(from: number, to: number, { start = 0, end = 1 }: Span = {}): Schedule {
  return scheduleSchema.parse({ schedule: 'cosine', from, to, start, end });
}

/** Piecewise constant: `values[0]`, then `values[i + 1]` from progress `at[i]` on. */
export function steps(values: number[], at: number[]): Schedule {
  if (values.length !== at.length + 1) {
    throw new RangeError(
      `steps: expected one more value than boundaries but received ${values.length} and ${at.length}`,
    );
  }
  return scheduleSchema.parse({ schedule: 'steps', values, at });
}

/** The value at a progress in [0, 1]. */
export function valueAt(value: Scheduled, progress: number): number {
  if (typeof value === 'number') return value;
  if (value.schedule === 'steps') {
    let i = 0;
    while (i < value.at.length && progress >= (value.at[i] as number)) i++;
    return value.values[i] as number;
  }
  const t = Math.min(1, Math.max(0, (progress - value.start) / Math.max(1e-12, value.end - value.start)));
  const eased = value.schedule === 'linear' ? t : (1 - Math.cos(Math.PI * t)) / 2;
  return value.from + (value.to - value.from) * eased;
}

/** Every value a schedule can take lies between these. */
function extremes(value: Scheduled): number[] {
  if (typeof value === 'number') return [value];
  return value.schedule === 'steps' ? value.values : [value.from, value.to];
}

/** Schema of a number in [min, max] or a schedule whose every value is. */
export function scheduled(min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY) {
  return z
    .union([z.number(), scheduleSchema])
    .refine((value) => extremes(value).every((v) => v >= min && v <= max), {
      error: (issue) => `expected ${range(min, max)} but received ${JSON.stringify(issue.input)}`,
    });
}

function range(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return `a number ≥ ${min}`;
  return min === Number.NEGATIVE_INFINITY ? `a number ≤ ${max}` : `a number in ${min}..${max}`;
}
