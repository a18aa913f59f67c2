/** A child process of `rxaug search`: loads the pipeline script anew and does the tasks that its parent gives it. */

import { serveTasks, type ToChild } from '../core/children/pool.js';
import { readData } from '../search/data/store.js';
import { spaceFor } from '../search/space/search-space.js';
import { folders, type Result, type Task, workOf } from '../search/tasks.js';
import type { BackendRequest } from '../train/backends/backend.js';
import { loadPipeline } from './load-pipeline.js';
import { contextOf } from './options.js';
import { definitionOf, strategyOf } from './search-definition.js';

/** The first message to a child process. */
export interface ChildInit {
  readonly pipeline: string;
  readonly set: string[];
  readonly seed: number;
  readonly strategy: string;
  readonly backend: BackendRequest;
  readonly out: string;
}

// The parent alone decides what a signal means: Ctrl-C reaches all processes of a terminal.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => {});
// Without a parent there is nothing to do, however it ended.
process.on('disconnect', () => process.exit(1));

serveTasks<Task, Result>(
  {
    send: (message) => process.send?.(message),
    listen: (hear) => process.on('message', (message) => hear(message as ToChild)),
  },
  async (given) => {
    const init = given as ChildInit;
    const pipeline = await loadPipeline(init.pipeline);
    const context = contextOf(pipeline, { ...init, workers: 0 }, new AbortController().signal);
    const definition = await definitionOf(init.pipeline, pipeline, context);
    return workOf({
      problem: { ...definition, space: spaceFor(definition.space, definition.channels).space },
      data: readData(folders(init.out).data),
      strategy: strategyOf(init.strategy, definition)(),
      seed: init.seed,
      backend: init.backend,
    });
  },
);
