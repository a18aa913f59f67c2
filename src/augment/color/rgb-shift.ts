import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { plusMinusOf, type Shorthand } from '../transform/intervals.js';
import { between, channels, interval } from '../transform/options.js';
import { shiftTables } from './shift-tables.js';

const range = interval(-1, 1).default([-0.08, 0.08]);

/**
 * Adds a random amount to each channel: out = clip(x + 255·d), d uniform, as a share of the full range.
 *
 * `rgbShift(0.1)`: −0.1 to 0.1 in each channel; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example rgbShift(0.1)
 */
export const rgbShift = defineTransform({
  name: 'rgbShift',
  options: z.strictObject({ red: range, green: range, blue: range }),
  params: z.strictObject({ shift: channels }),
  shorthand(given: Shorthand) {
    const both = plusMinusOf('rgbShift', 1, given);
    return { red: both, green: both, blue: both };
  },
  magnitude(strength) {
    const both: [number, number] = [-0.3 * strength, 0.3 * strength];
    return { red: both, green: both, blue: both };
  },
  draw: (draws, { red, green, blue }) => ({
    shift: [between(draws, red), between(draws, green), between(draws, blue)] as [number, number, number],
  }),
  lower: ({ shift }, plan) => plan.lookUp(shiftTables(shift)),
});
