/** Enhancement factors around 1, as torchvision's ColorJitter takes them. */
import { z } from 'zod';
import { mapSchedule, parseOptions, type Scheduled, scheduled } from '../../core/index.js';
import type { Shorthand } from '../transform/intervals.js';
import { interval } from '../transform/options.js';

/** [low, high] of a factor ≥ 0, default 0.6 to 1.4. */
export const factorRange = interval(0).default([0.6, 1.4]);

const low = (d: number) => Math.max(0, 1 - d);
const high = (d: number) => 1 + d;

/** A single number d stands for the factors [max(0, 1 − d), 1 + d]. */
export const factorOf = (d: number): { factor: [number, number] } => ({ factor: [low(d), high(d)] });

/** A schedule stays below 1, where the lower end is no straight line any more. */
const amount = z
  .union([z.number().min(0), scheduled(0, 1)])
  .meta({ title: 'a number ≥ 0, or a schedule within 0..1' });

/** The shorthand `brightness(0.4)`: an amount d, which may be a schedule. A pair is the range of the factor. */
export const amountOf = (owner: string) => (given: Shorthand) => {
  if (Array.isArray(given)) return { factor: given };
  const d = parseOptions(owner, amount, given);
  return { factor: [mapSchedule(d, low), mapSchedule(d, high)] as [Scheduled, Scheduled] };
};
