import { resolve } from 'node:path';
import { z } from 'zod';
import { parseOptions, show, UsageError } from '../../core/index.js';
import type { CheckedOnnx } from '../../graph/onnx/check.js';
import type { Port } from '../../graph/onnx/interface.js';
import { checkNames, modelAt, namesIn } from '../score/model-file.js';
import { asImages, checkBatch, type ImagePort, listed, outputPort, type VectorPort } from '../score/ports.js';
import type { GeneratedCopies, GenerateRules } from './rules.js';

/** Options that all copies by a model have. */
export const copyOptions = {
  /** Of the copies that would be augmented, as tosses of a coin: the others are. Default 1: all. */
  share: z.number().gt(0).max(1).default(1),
  /** Where the channels of images are. Default: where the file has an axis of 3. */
  layout: z.enum(['NHWC', 'NCHW']).optional(),
  /** Values of black and white, in and out. Default: `pixels` in the file's metadata; images of uint8 have 0 and 255. */
  range: z.tuple([z.number(), z.number()]).optional(),
  /** Names of the classes of the model that makes images, in the order of its numbers. Default: those in the file. */
  classes: z.array(z.string()).min(1).optional(),
};

const schema = z.strictObject({
  /** Path of an ONNX file. */
  model: z.string().min(1),
  ...copyOptions,
  /** Name of the output. Default: the only one. */
  output: z.string().min(1).optional(),
});

/** Options of `generatedCopies`: `model`, `share`, `layout`, `range`, `output`, `classes`. */
export type GeneratedCopiesOptions = z.input<typeof schema>;

/**
 * For `generate` of a preparation: copies of an image are pictures that a generative model, an ONNX file, makes for it. It takes
 * a code of normal numbers, and takes the class as one-hot `classes` (a conditional GAN: `rxaug onnx gan.ckpt generator.onnx
 * --function generate`) or the image itself (a DAGAN). Codes are keyed by seed, image and copy. The file is copied into
 * the output, so that every machine has it.
 *
 * @throws UsageError if the file is missing, is no such model, or an option is out of range
 * @example
 * // Half of the copies are new pictures of the class, the others are augmented.
 * const copies = () => generatedCopies({ model: 'generator.onnx', share: 0.5 });
 */
export function generatedCopies(given: GeneratedCopiesOptions): GeneratedCopies {
  const options = parseOptions('generatedCopies', schema, given);
  const where = `generatedCopies: ${options.model}`;
  const checked = modelAt('generatedCopies', options.model, options.output);
  const inputs = inputsOf(where, checked, options.layout);
  const { images, classInput, code } = inputs;
  if (!code || !(images || classInput))
    throw new UsageError(
      `${where}: expected a model of a code, float32 [batch, L], and of one-hot 'classes' or images, but it has ${listed(checked.inputs) || 'no input'}; ${code ? 'what it makes has no class, so give a conditional one' : 'without a code all its copies would be the same'}`,
    );
  return { rules: rulesOf(where, checked, { ...inputs, code }, options), file: resolve(options.model) };
}

/**
 * What the model of a code is, and how it is asked.
 *
 * @param others ports of another model that have its range too
 */
export function rulesOf(
  where: string,
  checked: CheckedOnnx,
  { images, classInput, code }: Inputs & { readonly code: VectorPort },
  options: Omit<z.output<typeof schema>, 'model'>,
  others: readonly ImagePort[] = [],
): GenerateRules {
  const port = outputPort(where, checked, options.output);
  const output = asImages(`${where}: output ${show(port.name)}`, port, options.layout);
  const classes = classInput && (options.classes ?? namesIn(checked));
  if (options.classes && !classInput)
    throw new UsageError(
      `${where}: classes: the model has no input 'classes' to be told them; leave them out`,
    );
  if (classInput)
    checkNames(where, { classes, given: options.classes, count: classInput.count, needed: true });
  return {
    ...{ model: checked.sha256, share: options.share, code },
    ...(classInput && { classInput, classes }),
    ...(images && { images }),
    ...{ output, range: rangeOf(where, checked, [output, images, ...others], options.range) },
  };
}

/** The inputs of a model by their kind. */
interface Inputs {
  readonly images?: ImagePort;
  readonly classInput?: VectorPort;
  readonly code?: VectorPort;
}

export function inputsOf(where: string, { inputs }: CheckedOnnx, layout?: ImagePort['layout']): Inputs {
  const found: { -readonly [K in keyof Inputs]: Inputs[K] } = {};
  for (const port of inputs) {
    const what = `${where}: input ${show(port.name)}`;
    const kind = port.shape?.length === 4 ? 'images' : port.name === 'classes' ? 'classInput' : 'code';
    if (found[kind])
      throw new UsageError(`${what}: expected one input of its kind; the model has ${listed(inputs)}`);
    if (kind === 'images') found.images = asImages(what, port, layout);
    else found[kind] = asVector(what, port);
  }
  return found;
}

function asVector(what: string, port: Port): VectorPort {
  const { name, dtype, shape } = port;
  const count = shape?.[1];
  if (dtype !== 'float32' || shape?.length !== 2 || typeof count !== 'number' || count < 1)
    throw new UsageError(
      `${what}: expected float32 [batch, L] but it is ${listed([port])}; export it like that`,
    );
  checkBatch(what, port);
  return { name, count };
}

/** Values of black and white of the ports that hold floats. */
function rangeOf(
  where: string,
  { metadata }: CheckedOnnx,
  ports: readonly (ImagePort | undefined)[],
  given: readonly [number, number] | undefined,
): readonly [number, number] {
  const floats = ports.some((port) => port && port.dtype !== 'uint8');
  if (given) {
    if (!floats) throw new UsageError(`${where}: range: images of uint8 have 0 and 255; leave it out`);
    if (given[0] === given[1])
      throw new UsageError(`${where}: range: black and white are ${given[0]}; give two numbers`);
    return given;
  }
  if (!floats) return [0, 255];
  if (metadata.pixels === '-1..1') return [-1, 1];
  throw new UsageError(
    `${where}: the file does not say which values are black and white; give them as range: [-1, 1], [0, 1] or [0, 255]`,
  );
}
