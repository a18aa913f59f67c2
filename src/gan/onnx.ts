import { writeSafely } from '../core/files/write-file.js';
import { show, UsageError } from '../core/index.js';
import { traceFunction, writeOnnx } from '../graph/index.js';
import type { GenerativeModel } from './trained.js';

type Exportable = Pick<GenerativeModel, 'functions' | 'classes'>;

/**
 * A function of a generative model as the bytes of an ONNX model: 'encode', 'decode', 'generate', 'score' or 'merge'. Inputs
 * and outputs have the names of `functions`; images are [batch, H, W, C] in [−1, 1], classes one-hot [batch, K]. Its metadata
 * holds the class names, as JSON under `classes`.
 *
 * @throws UsageError where the model has no such function
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const generator = await fit(images$, { model: gan({ latent: 4, width: 4, criticWidth: 4 }), backend: 'cpu' });
 * console.log(functionOnnx(generator, 'generate').byteLength > 1000); // → true
 */
export function functionOnnx({ functions, classes }: Exportable, name: string): Uint8Array {
  const found = functions[name];
  if (!found) {
    throw new UsageError(
      `onnx: the model has no function ${show(name)}; it has ${Object.keys(functions).join(', ')}`,
    );
  }
  const { inputs, params, run } = found;
  const graph = traceFunction(run, {
    inputs: inputs.map((input) => ({ name: input.name, shape: [...input.shape] })),
    params,
    kernels: 'standard',
  });
  return writeOnnx(graph, {
    name,
    metadata: { pixels: '-1..1', classes: JSON.stringify(classes) },
  });
}

/**
 * Writes a function of a generative model as an ONNX file. It writes to a temporary name first, so the file is never incomplete.
 *
 * @throws UsageError where the model has no such function, RxaugError where the file cannot be written
 *
 * @example
 * const images$ = imageFolder('photos').pipe(resize(8), normalize(STATISTICS.symmetric), batch(8, { workers: 0 }));
 * const coder = await fit(images$, { model: autoencoder({ latent: 4, width: 4 }), backend: 'cpu' });
 * await exportFunction(coder, 'encode', 'encode.onnx');
 */
export async function exportFunction(model: Exportable, name: string, file: string): Promise<void> {
  await writeSafely(file, [functionOnnx(model, name)]);
}
