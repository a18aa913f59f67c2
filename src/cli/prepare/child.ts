/** A child process of `rxaug prepare`: does the tasks that its parent gives it. */
import { serveTasks, type ToChild } from '../../core/children/pool.js';
import { loadSharp } from '../../io/decode/native.js';
import { type PrepareInit, type PrepareResult, type PrepareTask, prepareWork } from '../../prepare/work.js';

// The parent alone decides what a signal means: Ctrl-C reaches all processes of a terminal.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => {});
// Without a parent there is nothing to do, however it ended.
process.on('disconnect', () => process.exit(1));

serveTasks<PrepareTask, PrepareResult>(
  {
    send: (message) => process.send?.(message),
    listen: (onMessage) => process.on('message', (message) => onMessage(message as ToChild)),
  },
  async (init) => {
    const sharp = await loadSharp();
    sharp.concurrency(1); // children work side by side, one core each
    return prepareWork(init as PrepareInit);
  },
);
