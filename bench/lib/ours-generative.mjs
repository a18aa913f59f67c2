/** A stage over one cached batch of [−1, 1] images: what a stage costs beside the inference that it needs. */
import { lastValueFrom, of } from 'rxjs';

const RANGE = { range: [-1, 1] };
/** Images have no range in the files of others; ours say theirs, and it is said here again. */
export const MODELS = {
  encode: { inputs: { images: RANGE } },
  decode: { outputs: { images: RANGE } },
  generate: { outputs: { images: RANGE } },
};

export const open = (rxaug, spec, name) =>
  rxaug.onnxModel(`${spec.models}/${name}.onnx`, {
    ...MODELS[name],
    threads: spec.threads,
    batch: spec.batch,
  });

export async function cachedStage(rxaug, spec, stage, models) {
  const images$ = rxaug
    .shapes10({ count: 2 * spec.batch, seed: 1 })
    .pipe(rxaug.normalize(rxaug.STATISTICS.half), rxaug.batch(spec.batch, { dropLast: true }));
  const batches = rxaug.pull(images$);
  const { value: first } = await batches.next();
  const images = first.images.slice();
  const keep = () => {};
  const cached = { ...first, images, dispose: keep, [Symbol.dispose]: keep };
  first.dispose();
  await batches.return();
  let count = 0;
  const step = async () => {
    // Another key each time, as in a stream.
    const { size } = await lastValueFrom(of({ ...cached, key: { a: count++, b: 1 } }).pipe(stage));
    return size;
  };
  const close = () => Promise.all(models.map((model) => model[Symbol.asyncDispose]()));
  return { step, close };
}
