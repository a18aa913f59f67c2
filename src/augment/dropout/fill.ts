/** What holes are filled with: a color, or noise whose key is drawn. */
import { z } from 'zod';
import type { Draws, Key } from '../../core/index.js';
import { asColor, drawSeed, seed, seedKey, value } from '../transform/options.js';

/** A number or [R, G, B], or 'noise': N(0, 1) after `normalize`, uniform bytes before it. */
export const holeFill = z.union([value, z.literal('noise')]);
/** As a draw holds it. */
export const drawnFill = z.union([value, z.strictObject({ noise: seed })]);

export const drawFill = (draws: Draws, fill: z.output<typeof holeFill>): z.input<typeof drawnFill> =>
  fill === 'noise' ? { noise: drawSeed(draws) } : fill;

/** The part of a patch that says what fills it. */
export const filled = (
  fill: z.output<typeof drawnFill>,
): { color: readonly [number, number, number] } | { noise: Key } =>
  typeof fill === 'object' && 'noise' in fill ? { noise: seedKey(fill.noise) } : { color: asColor(fill) };
