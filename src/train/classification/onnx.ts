/**
 * A trained classifier as an ONNX model: input `images` [batch, H, W, C], prepared as those of training were,
 * output `logits` [batch, K]. Its metadata holds, as JSON, the names of the classes under 'classes' and under
 * 'preprocessing' what images of training went through.
 */
import { RxaugError } from '../../core/index.js';
import { writeSafely } from '../../core/write-file.js';
import { traceFunction, writeOnnx } from '../../graph/index.js';
import { forward } from '../models/model.js';
import { modelMismatch } from '../state/shape-mismatch.js';
import { flatten } from '../state/tensors.js';
import type { Trained } from './classifier.js';

/** What is exported. */
type Exported = Pick<Trained, 'network' | 'weights'> & Partial<Pick<Trained, 'preprocessing'>>;

/** The bytes of the file; a backend must be loaded. */
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

/** Writes it under a temporary name first, so that a file of that name is whole. */
export async function exportOnnx(trained: Exported, file: string): Promise<void> {
  await writeSafely(file, [onnxOf(trained)]);
}
