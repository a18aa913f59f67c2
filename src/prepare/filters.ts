/** Filters: which images are left out of a preparation, and why. They see what the scan found, so they cost nothing. */
import { z } from 'zod';
import { parseOptions, UsageError } from '../core/index.js';
import type { Facts } from './scan/facts.js';

/** Leaves out images. What it decides by is part of the plan. */
export interface Filter {
  readonly name: string;
  /** Plain JSON. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Whether it needs more than the header of an image. */
  readonly pixels: boolean;
  /** Why an image is left out, in a few words; undefined where it is kept. */
  refuse(facts: Facts): string | undefined;
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
  return {
    name: 'size',
    options,
    pixels: false,
    refuse({ width, height }) {
      if (Math.min(width, height) < min) return `its shorter side is below ${min} pixels`;
      if (Math.max(width, height) > max) return `its longer side is above ${max} pixels`;
      return undefined;
    },
  };
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
  return {
    name: 'aspect',
    options,
    pixels: false,
    refuse({ width, height }) {
      const ratio = Math.max(width, height) / Math.min(width, height);
      return ratio > options.max ? `its sides are more than ${options.max} to 1` : undefined;
    },
  };
}

/** The first filter that leaves an image out, and why. */
export function refusedBy(
  filters: readonly Filter[],
  facts: Facts,
): { filter: string; reason: string } | undefined {
  for (const filter of filters) {
    const reason = filter.refuse(facts);
    if (reason !== undefined) return { filter: filter.name, reason };
  }
  return undefined;
}
