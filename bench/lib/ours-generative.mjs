/** The cost of a stage on a stream of cached batches of [−1, 1] images, in addition to its inference. */
import { Observable } from 'rxjs';

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
    .pipe(rxaug.normalize(rxaug.STATISTICS.symmetric), rxaug.batch(spec.batch, { dropLast: true }));
  const source = rxaug.pull(images$);
  const { value: first } = await source.next();
  const keep = () => {};
  // As many as may be in progress at a time, so none is written while another step reads it.
  const cached = Array.from({ length: 4 }, () => {
    const images = first.images.slice();
    return { ...first, images, dispose: keep, [Symbol.dispose]: keep };
  });
  first.dispose();
  await source.return();
  let at = 0;
  const next = () => ({ ...cached[at % cached.length], key: { a: at++, b: 1 } }); // another key each time
  const batch$ = new Observable((subscriber) =>
    rxaug.drive(subscriber, next, rxaug.demandOf(subscriber).gate),
  );
  const staged = rxaug.pull(batch$.pipe(stage));
  const step = async () => (await staged.next()).value.size;
  const close = async () => {
    await staged.return();
    await Promise.all(models.map((model) => model[Symbol.asyncDispose]()));
  };
  return { step, close };
}
