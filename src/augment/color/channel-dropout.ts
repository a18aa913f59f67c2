import { z } from 'zod';
import { tablesOf } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { intBetween, intInterval } from '../transform/options.js';

const fill = z.int().min(0).max(255).default(0);

/**
 * Sets one or two channels, chosen at random, to one value. Exact.
 *
 * Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example channelDropout({ fill: 128 })
 */
export const channelDropout = defineTransform({
  name: 'channelDropout',
  options: z.strictObject({
    /** [low, high] of how many channels, default one. */
    count: intInterval(1, 2).default([1, 1]),
    fill,
  }),
  params: z.strictObject({
    /** 0 red, 1 green, 2 blue. */
    dropped: z.array(z.int().min(0).max(2)).max(3),
    fill,
  }),
  p: 0.5,
  draw: (draws, { count, fill }) => ({
    dropped: Array.from(draws.permutation(3).subarray(0, intBetween(draws, count))),
    fill,
  }),
  lower: ({ dropped, fill }, plan) => plan.lookUp(tablesOf((v, c) => (dropped.includes(c) ? fill : v))),
});
