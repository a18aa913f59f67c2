/** Filters: which images are left out of a preparation, and why. They see what the scan found, so they cost nothing. */
import { z } from 'zod';
import { parseOptions, UsageError } from '../core/index.js';
import type { Facts } from './scan/facts.js';
import type { Scoring } from './score/scoring.js';

/** Why an image is left out, and the number that decided it. */
export interface Refusal {
  readonly reason: string;
  readonly score?: number;
}

/** A number that a filter has limits for; the report shows how it is distributed. */
export interface Quantity {
  /** In a few words. */
  readonly what: string;
  readonly min?: number;
  readonly max?: number;
  /** The values that are possible, where that is known. */
  readonly range?: readonly [number, number];
  /** Undefined where it is not known of an image. */
  of(facts: Facts): number | undefined;
}

/** A filter as plain JSON. */
export interface FilterRule {
  readonly kind: keyof typeof MADE;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Leaves out images. What it decides by is part of the plan. */
export interface Filter {
  readonly name: string;
  /** Plain JSON. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Whether it needs more than the header of an image. */
  readonly pixels: boolean;
  /** The model that scores the images for it. */
  readonly scoring?: Scoring;
  /** The numbers whose distribution the report shows. */
  readonly quantities?: readonly Quantity[];
  /** Why an image is left out, in a few words; undefined where it is kept. */
  refuse(facts: Facts): string | Refusal | undefined;
}

const sizeSchema = z.strictObject({
  /** Pixels of the shorter side. */
  min: z.int().min(1).optional(),
  /** Pixels of the longer side. */
  max: z.int().min(1).optional(),
});

/**
 * Leaves out images whose shorter side has less than `min` pixels, or whose longer side has more than `max`.
 *
 * @throws UsageError if an option is unknown or out of range, or both are missing
 * @example
 * sizeFilter({ min: 64 }).name // → 'size'
 */
export function sizeFilter(given: z.input<typeof sizeSchema>): Filter {
  const options = parseOptions('sizeFilter', sizeSchema, given);
  const { min = 1, max = Number.POSITIVE_INFINITY } = options;
  if (options.min === undefined && options.max === undefined)
    throw new UsageError('sizeFilter: expected min or max, in pixels; give one of them');
  return ruled('size', {
    name: 'size',
    options,
    pixels: false,
    refuse({ width, height }) {
      if (Math.min(width, height) < min) return `its shorter side is below ${min} pixels`;
      if (Math.max(width, height) > max) return `its longer side is above ${max} pixels`;
      return undefined;
    },
  });
}

const aspectSchema = z.strictObject({
  /** Longer side divided by the shorter one. */
  max: z.number().min(1),
});

/**
 * Leaves out images whose longer side is more than `max` times the shorter one: banners and strips.
 *
 * @throws UsageError if `max` is below 1
 * @example
 * aspectFilter({ max: 3 }).name // → 'aspect'
 */
export function aspectFilter(given: z.input<typeof aspectSchema>): Filter {
  const options = parseOptions('aspectFilter', aspectSchema, given);
  return ruled('aspect', {
    name: 'aspect',
    options,
    pixels: false,
    refuse({ width, height }) {
      const ratio = Math.max(width, height) / Math.min(width, height);
      return ratio > options.max ? `its sides are more than ${options.max} to 1` : undefined;
    },
  });
}

const sharpnessSchema = z.strictObject({
  /** Least variance of the Laplacian. */
  min: z.number().min(0),
});

/**
 * Leaves out blurred images: those whose variance of the Laplacian, at 256 pixels along the longer side, is below `min`.
 * Sharp photos have some hundreds and more, blurred ones below about 50; look at your own first.
 *
 * @throws UsageError if `min` is below 0
 * @example
 * sharpnessFilter({ min: 30 }).pixels // → true
 */
export function sharpnessFilter(given: z.input<typeof sharpnessSchema>): Filter {
  const options = parseOptions('sharpnessFilter', sharpnessSchema, given);
  return ruled('sharpness', {
    name: 'sharpness',
    options,
    pixels: true,
    refuse: ({ measures }) =>
      measures && measures.sharpness < options.min
        ? `it is blurred: its sharpness is below ${options.min}`
        : undefined,
  });
}

const exposureSchema = z.strictObject({
  /** Most of the pixels that may be black, or white: a share in 0..1. Default 0.6. */
  clipped: z.number().min(0).max(1).default(0.6),
  /** Least standard deviation of gray levels at 32 × 32: below about 3 an image is almost uniform. Default 3. */
  contrast: z.number().min(0).default(3),
});

/**
 * Leaves out images that show next to nothing: black or white for the most part, or almost uniform.
 *
 * @throws UsageError if an option is unknown or out of range
 * @example
 * exposureFilter({ clipped: 0.5 }).name // → 'exposure'
 */
export function exposureFilter(given: z.input<typeof exposureSchema> = {}): Filter {
  const options = parseOptions('exposureFilter', exposureSchema, given);
  return ruled('exposure', {
    name: 'exposure',
    options,
    pixels: true,
    refuse({ measures }) {
      if (!measures) return undefined;
      const { black, white, contrast } = measures;
      if (Math.max(black, white) > options.clipped)
        return `more than ${options.clipped} of its pixels are ${black > white ? 'black' : 'white'}`;
      return contrast < options.contrast
        ? `it is almost uniform: its contrast is below ${options.contrast}`
        : undefined;
    },
  });
}

/** Of the filters of this file; a copy that decides otherwise has none. */
const RULES = new WeakMap<Filter, FilterRule>();

function ruled(kind: FilterRule['kind'], filter: Filter): Filter {
  RULES.set(filter, { kind, options: filter.options });
  return filter;
}

const MADE = {
  size: sizeFilter,
  aspect: aspectFilter,
  sharpness: sharpnessFilter,
  exposure: exposureFilter,
} as const;

/** The filter of a rule. */
export const madeFilter = ({ kind, options }: FilterRule): Filter => MADE[kind](options as never);

/**
 * Filters in the order in which they are asked: those by a model last, for it scores only what is left. The reason in
 * `refused.jsonl` is that of the first one that leaves an image out, so it never depends on a score that was not needed.
 */
export const inOrder = (filters: readonly Filter[]): Filter[] => [
  ...filters.filter(({ scoring }) => !scoring),
  ...filters.filter(({ scoring }) => scoring),
];

/** Filters that another process can ask before it has an image scored. None where no model is asked. */
export const rulesBefore = (filters: readonly Filter[]): FilterRule[] =>
  filters.some(({ scoring }) => scoring) ? filters.flatMap((filter) => RULES.get(filter) ?? []) : [];

/** The first of `filters` that leaves an image out, and why. */
export function refusedBy(
  filters: readonly Filter[],
  facts: Facts,
): ({ filter: string } & Refusal) | undefined {
  for (const filter of filters) {
    const refusal = filter.refuse(facts);
    if (refusal !== undefined)
      return { filter: filter.name, ...(typeof refusal === 'string' ? { reason: refusal } : refusal) };
  }
  return undefined;
}
