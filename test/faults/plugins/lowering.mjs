/** Transforms whose `lower` misbehaves in a worker thread. On the main thread they say that they were run there. */
import { isMainThread } from 'node:worker_threads';
import { z } from 'zod';

const transform = (name, params, lower) =>
  Object.assign(() => undefined, {
    op: {
      name,
      params: z.object(params),
      lower: (given, plan) => {
        if (isMainThread) throw new Error('lowered on the main thread');
        lower(given, plan);
      },
    },
  });

export default {
  name: 'lowering',
  transforms: [
    transform('neverLowers', {}, () => {
      for (;;);
    }),
    transform('exitsLowering', {}, () => process.exit(0)),
    transform('slipsLowering', {}, () => {
      throw new TypeError('a slip');
    }),
    /** Half of the image, which only its `lower` knows. */
    transform('halves', {}, (_, plan) => {
      const [width, height] = [plan.width >> 1, plan.height >> 1];
      plan.geometry([2, 0, 0, 0, 2, 0], width, height);
    }),
    transform('darkens', {}, (_, plan) => plan.lookUp((v) => v >> 1)),
  ],
};
