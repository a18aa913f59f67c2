/** What `rxaug run` does with a pipeline that has no `run`: streams its batches and counts them. */
import { from, type Observable } from 'rxjs';
import type { Batch } from '../core/index.js';
import type { PipelineContext, PipelineEvent } from '../pipeline/define-pipeline.js';
import { pull } from '../stream/demand.js';

export function streamOnly(batches: Observable<Batch>, context: PipelineContext): Observable<PipelineEvent> {
  return from(count(batches, context));
}

async function* count(
  source: Observable<Batch>,
  { signal, log }: PipelineContext,
): AsyncGenerator<PipelineEvent> {
  const began = performance.now();
  const stream = pull(source);
  const stop = () => stream.cancel();
  signal.addEventListener('abort', stop, { once: true });
  let [batches, images, epochs] = [0, 0, 0];
  let reported = began;
  const speed = () => (1000 * images) / Math.max(1, performance.now() - began);
  try {
    for await (const batch of stream) {
      batches++;
      images += batch.size;
      epochs = batch.epoch + 1;
      batch.dispose();
      if (performance.now() - reported < 5000) continue;
      reported = performance.now();
      log(`epoch ${epochs}, ${images} images, ${Math.round(speed())} images/s`);
    }
  } finally {
    signal.removeEventListener('abort', stop);
    stream.cancel();
  }
  const seconds = (performance.now() - began) / 1000;
  const imagesPerSecond = speed();
  yield { kind: 'result', values: { batches, images, epochs, seconds, imagesPerSecond } };
  const text = `${images} images in ${batches} batches, ${Math.round(imagesPerSecond)} images/s`;
  yield { kind: 'text', text };
}
