/** The batches of a pipeline, with the options of the command line, checked to be batches. */
import { isObservable, type Observable } from 'rxjs';
import { type Batch, Sample, show, UsageError } from '../core/index.js';
import type { Pipeline, PipelineContext } from '../pipeline/define-pipeline.js';
import { through } from '../stream/through.js';
import { inPipeline } from './load-pipeline.js';

export async function batchesOf(
  path: string,
  pipeline: Pipeline,
  context: PipelineContext,
): Promise<Observable<Batch>> {
  const batches = await inPipeline(path, () => pipeline.batches(context));
  if (!isObservable(batches)) {
    throw new UsageError(
      `${path}: batches: expected a stream of batches but received ${show(batches)}; return it`,
    );
  }
  return batches.pipe(held(path, context.workers));
}

/** `--workers` applies even if a pipeline ignores it. */
function held(path: string, workers: number | undefined) {
  return through<Batch, Batch>(
    (subscriber) => ({
      next(batch) {
        if (ArrayBuffer.isView(batch?.images)) subscriber.next(batch);
        else subscriber.error(new UsageError(`${path}: batches: ${wrong(batch)}`));
      },
    }),
    (demand) => ({ ...demand, workers: demand.workers ?? workers }),
  );
}

function wrong(item: unknown): string {
  if (item instanceof Sample)
    return 'expected batches but received single samples; end the stream with batch(size)';
  return `expected batches but received ${show(item)}; end the stream with batch(size)`;
}
