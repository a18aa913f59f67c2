/** What our cases share: images in memory as a data set, and a stream of batches drawn step by step. */
import { readFileSync } from 'node:fs';
import { lastValueFrom, take, tap } from 'rxjs';

export const PHOTO_STATISTICS = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** Embedded color profiles are ignored, because the peers ignore them; our default converts them, at a price. */
export const DECODER = { profiles: 'ignore' };

/** Encoded photos, in memory. */
export const encoded = (spec) => spec.images.map((path) => readFileSync(path));

/** Decoded photos: { data, width, height, channels }, each with memory of its own. */
export async function decoded(spec, rxaug) {
  const decoder = new rxaug.Decoder(DECODER);
  const images = [];
  for (const bytes of encoded(spec)) {
    const { data, width, height, channels } = await decoder.decode({ kind: 'bytes', bytes });
    images.push({
      data: Uint8Array.from(data.subarray(0, width * height * channels)),
      width,
      height,
      channels,
    });
  }
  decoder.dispose();
  return images;
}

/** Images over and over, in order: encoded bytes, decoded pixels, or paths. */
export function source(rxaug, images) {
  return rxaug.samples(dataset(images), { seed: 1, epochs: Number.POSITIVE_INFINITY });
}

export function dataset(images) {
  const refs = images.map((image) => {
    if (typeof image === 'string') return { kind: 'file', path: image };
    return image instanceof Uint8Array ? { kind: 'bytes', bytes: image } : { kind: 'pixels', ...image };
  });
  return {
    name: 'bench',
    classes: ['photo'],
    length: refs.length,
    item: (i) => ({ id: `photo ${i}`, image: refs[i], label: 0 }),
  };
}

/**
 * One batch a step, of `samples$.pipe(batch(…))`. Batches tell how long decoding and rendering took; what it
 * costs to draw is measured apart, on the stream without rendering; the rest of the time on one thread is
 * spent in handing over (collating, waiting, RxJS).
 */
export async function drawBatches(rxaug, samples$, { size, skip = 4, ...options }) {
  const batches = rxaug.pull(samples$.pipe(rxaug.batch(size, { decoder: DECODER, ...options })));
  const draw = options.workers === 0 ? await secondsToDraw(samples$) : undefined;
  let times = { decode: 0, draw: 0, render: 0, total: 0 };
  let mark = performance.now();
  const step = async () => {
    const { done, value: batch } = await batches.next();
    if (done) throw new Error('the stream of batches ended');
    const { decode, render, mix } = batch.timings;
    times.decode += decode / 1000;
    times.render += (render + mix) / 1000;
    times.draw += (draw ?? 0) * batch.size;
    batch.dispose();
    return batch.size;
  };
  /** Seconds by stage since the last call. */
  const stages = () => {
    const { decode, draw: drawn, render } = times;
    const total = (performance.now() - mark) / 1000;
    times = { decode: 0, draw: 0, render: 0 };
    mark = performance.now();
    if (draw === undefined) return undefined;
    return { decode, draw: drawn, render, 'hand-over': Math.max(0, total - decode - drawn - render) };
  };
  return { step, skip, stages, close: () => batches.return() };
}

/** Seconds a sample to make its reference and its draws, from the second thousand on. */
async function secondsToDraw(samples$) {
  const [skipped, measured] = [1000, 10_000];
  let at = 0;
  let start = 0;
  const all$ = samples$.pipe(take(skipped + measured));
  const clock = () => {
    if (++at === skipped) start = performance.now();
  };
  await lastValueFrom(all$.pipe(tap(clock)));
  return (performance.now() - start) / 1000 / measured;
}
