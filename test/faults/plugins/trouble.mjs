/**
 * Operators that misbehave in a worker thread, for the tests of faults. They see the row they render, so the
 * main thread, which only measures, is safe from them.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { z } from 'zod';

/** True once for a file: it is there afterwards. */
const once = (mark) => {
  if (existsSync(mark)) return false;
  writeFileSync(mark, '');
  return true;
};

const op = (name, params, run) => ({
  name,
  params: z.object(params),
  lower: (given, plan) => {
    if (!isMainThread) plan.row(name, () => run(given));
  },
});

export const ops = [
  /** Ends the thread at every attempt. */
  op('exit', {}, () => process.exit(3)),
  /** Ends the thread at the first attempt. */
  op('exitOnce', { mark: z.string() }, ({ mark }) => once(mark) && process.exit(3)),
  /** Never comes back. */
  op('loop', {}, () => {
    for (;;);
  }),
  op('loopOnce', { mark: z.string() }, ({ mark }) => {
    while (once(mark)) for (;;);
  }),
  /** Takes its time. */
  op('slow', { ms: z.number() }, ({ ms }) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  }),
  /** Throws what is no error of the house. */
  op('throw', {}, () => {
    throw new TypeError('a slip in the plugin');
  }),
];

/** Inverts every image, but ends the thread half way through. */
const invert = (data, end) => {
  for (let i = 0; i < end; i++) data[i] = 255 - data[i];
};

export const batchOps = [
  {
    name: 'invertOrExit',
    params: z.object({ mark: z.string() }),
    apply({ mark }, { data }) {
      if (!isMainThread && (mark === 'always' || once(mark))) {
        invert(data, data.length >> 1);
        process.exit(3);
      }
      invert(data, data.length);
    },
    targets() {},
  },
];
