/** Batch operators that end the worker once, in the middle of moving masks: `mark` names the file that says so. */
import { existsSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { z } from 'zod';

/** Turns the batch by one row. */
const turned = ({ size, width, height }, leave) =>
  new Map(
    Array.from({ length: size }, (_, row) => {
      const layer = { from: (row + 1) % size, to: [0, 0, width, height], shift: [0, 0] };
      // Masks of the rows before this one have moved by now.
      const shows = () => {
        if (row === size - 1) leave();
        return true;
      };
      return [row, [{ ...layer, shows }]];
    }),
  );

export const ops = [];
export const batchOps = [
  {
    name: 'turnOrExit',
    params: z.object({ mark: z.string() }),
    apply(_, { data, size }) {
      const stride = data.length / size;
      const first = data.slice(0, stride);
      data.copyWithin(0, stride);
      data.set(first, (size - 1) * stride);
    },
    targets() {},
    follow: {
      kind: 'layers',
      layers: ({ mark }, batch) =>
        turned(batch, () => {
          if (isMainThread || existsSync(mark)) return;
          writeFileSync(mark, '');
          process.exit(3);
        }),
    },
  },
];
