/** Lengths in whole pixels, or as shares of a side, which suit images of every size. */
import { z } from 'zod';
import { scheduled, scheduledInt } from '../../core/index.js';

/** 16, or { share: 0.5 }. */
export const length = (max: number) =>
  z.union([scheduledInt(0, max), z.strictObject({ share: scheduled(0, 1) })]);

/** The same with schedules replaced by their values. */
export type Length = number | { readonly share: number };

/** As a draw holds it. */
export const drawnLength = z.union([z.int().min(0), z.strictObject({ share: z.number().min(0).max(1) })]);

/** What a draw holds: a schedule's pixels are rounded. */
export const drawnOf = (length: Length): Length =>
  typeof length === 'number' ? Math.round(length) : { share: length.share };

/** Whole pixels of a side. */
export const inPixels = (length: Length, side: number): number =>
  typeof length === 'number' ? length : Math.round(length.share * side);
