import { z } from 'zod';
import { defineTransform } from '../transform/define-transform.js';
import { lowerMatrix } from './color-matrix.js';

type Order = [number, number, number];
const ORDERS: readonly Order[] = [
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

const channel = z.int().min(0).max(2);

/**
 * Puts red, green and blue in another order: one of the other five, evenly. Exact.
 *
 * Default `p`: 0.5.
 *
 * @throws {UsageError} if `p` is out of 0..1 or an option is given that it does not have
 * @example channelShuffle()
 */
export const channelShuffle = defineTransform({
  name: 'channelShuffle',
  options: z.strictObject({}),
  params: z.strictObject({
    /** Which old channel each new one is. */
    order: z.tuple([channel, channel, channel]),
  }),
  p: 0.5,
  draw: (draws) => ({ order: [...draws.choice(ORDERS)] as Order }),
  lower: ({ order }, plan) =>
    lowerMatrix(
      order.flatMap((from) => [0, 1, 2, 3].map((c) => Number(c === from))),
      plan,
    ),
});
