/**
 * A function of a generative model as an ONNX model: inputs and outputs by the names that `functions` gives them,
 * images [batch, H, W, C] in [−1, 1], classes one-hot [batch, K]. The names of the classes are in its metadata, as
 * JSON under 'classes'.
 */
import { show, UsageError } from '../core/index.js';
import { writeSafely } from '../core/write-file.js';
import { traceFunction, writeOnnx } from '../graph/index.js';
import type { GenerativeModel } from './trained.js';

type Exportable = Pick<GenerativeModel, 'functions' | 'classes'>;

/** The bytes of the file; a backend must be loaded. */
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

/** Writes it under a temporary name first, so that a file of that name is whole. */
export async function exportFunction(model: Exportable, name: string, file: string): Promise<void> {
  await writeSafely(file, [functionOnnx(model, name)]);
}
