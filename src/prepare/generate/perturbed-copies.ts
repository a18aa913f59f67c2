import { resolve } from 'node:path';
import { z } from 'zod';
import { parseOptions, show, UsageError } from '../../core/index.js';
import { modelAt } from '../score/model-file.js';
import { imagePort, listed, outputPort, perImage } from '../score/ports.js';
import { copyOptions, inputsOf, rulesOf } from './generated-copies.js';
import type { GeneratedCopies } from './rules.js';

const schema = z.strictObject({
  /** Path of an ONNX file: images to codes. */
  encode: z.string().min(1),
  /** Path of an ONNX file: codes, and one-hot `classes` where it has them, to images. */
  decode: z.string().min(1),
  /** γ: how much of a code is noise, in deviations of the codes of the source. Default 0.5. */
  sigma: z.number().gt(0).default(0.5),
  ...copyOptions,
});

/** Options of `perturbedCopies`: `encode`, `decode`, `sigma`, `share`, `layout`, `range`, `classes`. */
export type PerturbedCopiesOptions = z.input<typeof schema>;

/**
 * For `generate` of a preparation: copies of an image are decoded from its own code c with noise, c + γ · X · σ, where X is
 * normal and σ the deviation of each number over the codes of at most 256 images of the source (DeVries and Taylor, "Dataset
 * augmentation in feature space", 2017). Both models are ONNX files (`rxaug onnx autoencoder.ckpt encode.onnx --function encode`).
 * Noise is keyed by seed, image and copy. The files are copied into the output, so that every machine has them.
 *
 * @throws UsageError if a file is missing, does not fit the other, or an option is out of range
 * @example
 * const copies = () => perturbedCopies({ encode: 'encode.onnx', decode: 'decode.onnx', sigma: 0.3 });
 */
export function perturbedCopies(given: PerturbedCopiesOptions): GeneratedCopies {
  const { encode, decode, sigma, ...options } = parseOptions('perturbedCopies', schema, given);
  const into = `perturbedCopies: ${encode}`;
  const from = `perturbedCopies: ${decode}`;
  const encoder = modelAt('perturbedCopies', encode, undefined);
  const images = imagePort(into, encoder, options);
  if (encoder.inputs.length > 1)
    throw new UsageError(
      `${into}: expected images alone as inputs but the model has ${listed(encoder.inputs)}; give another encoder`,
    );
  const output = outputPort(into, encoder, undefined);
  const decoder = modelAt('perturbedCopies', decode, undefined);
  const inputs = inputsOf(from, decoder, options.layout);
  const { code } = inputs;
  if (!code || inputs.images)
    throw new UsageError(
      `${from}: expected a model of a code, float32 [batch, L], but it has ${listed(decoder.inputs) || 'no input'}; give a decoder`,
    );
  const length = perImage(output);
  if (length !== undefined && length !== code.count)
    throw new UsageError(
      `${into}: output ${show(output.name)}: expected codes of ${code.count} numbers, as the decoder takes them, but it is ${length}; give the encoder of this decoder`,
    );
  const rules = {
    ...rulesOf(from, decoder, { ...inputs, code }, options, [images]),
    encoder: { model: encoder.sha256, images, output: output.name, sigma },
  };
  if (encoder.metadata.pixels !== decoder.metadata.pixels && options.range === undefined)
    throw new UsageError(
      `${into}: expected the range of the decoder, ${show(decoder.metadata.pixels)}, but received ${show(encoder.metadata.pixels)}; give range, or the encoder of this decoder`,
    );
  return { rules, file: resolve(decode), encoderFile: resolve(encode) };
}
