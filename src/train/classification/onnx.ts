import { writeSafely } from '../../core/files/write-file.js';
import { RxaugError } from '../../core/index.js';
import { traceFunction, writeOnnx } from '../../graph/index.js';
import { forward } from '../models/model.js';
import { modelMismatch } from '../state/shape-mismatch.js';
import { flatten } from '../state/tensors.js';
import type { Trained } from './classifier.js';

/** What is exported. */
type Exported = Pick<Trained, 'network' | 'weights'> & Partial<Pick<Trained, 'preprocessing'>>;

/**
 * A trained classifier as the bytes of an ONNX model: input `images` [batch, H, W, C], prepared as those of training were,
 * output `logits` [batch, K]. Its metadata holds the class names, as JSON under
 * `classes`, and under `preprocessing` what images of training went through.
 *
 * @throws RxaugError where the weights are of another model
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(), batch(4, { workers: 0 }));
 * const classifier = await fit(images$, { model: cnn({ filters: [4] }), backend: 'cpu' });
 * console.log(onnxOf(classifier).byteLength > 1000); // → true
 */
export function onnxOf({ network, weights, preprocessing }: Exported): Uint8Array {
  const wrong = modelMismatch([network], { ...weights, slots: {} });
  if (wrong) throw new RxaugError(`onnx: ${network.name} ${wrong}; give a model with its own weights`);
  const graph = traceFunction(({ images }) => ({ logits: forward(network, weights, images).logits }), {
    inputs: [{ name: 'images', shape: [null, ...network.input] }],
    params: flatten({ ...weights, slots: {} }),
    kernels: 'standard',
  });
  const { name, input, classes } = network;
  return writeOnnx(graph, {
    name,
    metadata: {
      classes: JSON.stringify(classes),
      input: JSON.stringify(input),
      ...(preprocessing && { preprocessing: JSON.stringify(preprocessing) }),
    },
  });
}

/**
 * Writes a trained classifier as an ONNX file. It writes to a temporary name first, so the file is
 * never incomplete.
 *
 * @throws RxaugError where the file cannot be written
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(), batch(4, { workers: 0 }));
 * const classifier = await fit(images$, { model: cnn({ filters: [4] }), backend: 'cpu' });
 * await exportOnnx(classifier, 'classifier.onnx');
 */
export async function exportOnnx(trained: Exported, file: string): Promise<void> {
  await writeSafely(file, [onnxOf(trained)]);
}
