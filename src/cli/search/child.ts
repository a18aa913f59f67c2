/**
 * A child process of `rxaug search`, or of a worker of it: loads the pipeline script anew and does the tasks that its parent
 * gives it.
 */
import { serveTasks, type ToChild } from '../../core/children/pool.js';
import { show, UsageError } from '../../core/index.js';
import { readData } from '../../search/data/store.js';
import { firstDifference, identityOf, type Plan } from '../../search/plan.js';
import { spaceFor } from '../../search/space/search-space.js';
import { folders, type Result, type Task, workOf } from '../../search/tasks.js';
import type { BackendRequest } from '../../train/backends/backend.js';
import { loadPipeline } from '../load-pipeline.js';
import { contextOf } from '../options.js';
import { definitionOf, strategyOf } from './definition.js';

/** The first message to a child process. */
export interface ChildInit {
  readonly pipeline: string;
  readonly set: string[];
  readonly seed: number;
  readonly strategy: string;
  readonly backend: BackendRequest;
  readonly out: string;
  /** On another machine: what determines the search; the pipeline and the images here must agree with it. */
  readonly identity?: Plan['identity'];
}

// The parent alone decides what a signal means: Ctrl-C reaches all processes of a terminal.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => {});
// Without a parent there is nothing to do, however it ended.
process.on('disconnect', () => process.exit(1));

serveTasks<Task, Result>(
  {
    send: (message) => process.send?.(message),
    listen: (onMessage) => process.on('message', (message) => onMessage(message as ToChild)),
  },
  async (given) => {
    const init = given as ChildInit;
    const pipeline = await loadPipeline(init.pipeline);
    const context = contextOf(pipeline, { ...init, workers: 0 }, new AbortController().signal);
    const definition = await definitionOf(init.pipeline, pipeline, context);
    const problem = { ...definition, space: spaceFor(definition.space, definition.channels).space };
    const data = readData(folders(init.out).data);
    const strategy = strategyOf(init.strategy, definition)();
    if (init.identity) {
      const here = identityOf(problem, data, {
        ...{ pipeline: pipeline.name, strategy: init.strategy, strategyOptions: strategy.options ?? {} },
        ...{ seed: init.seed, budget: init.identity.budget as number, settings: context.settings },
      });
      const place = firstDifference(init.identity, here);
      if (place)
        throw new UsageError(
          `${init.pipeline}: expected the search in ${init.out}, with ${place.path} ${show(place.was)}, but here it is ${show(place.is)}; put the same script and packages here`,
        );
    }
    return workOf({ problem, data, strategy, seed: init.seed, backend: init.backend });
  },
);
