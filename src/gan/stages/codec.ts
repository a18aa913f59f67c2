import { type Batch, expected, UsageError } from '../../core/index.js';
import type { OnnxModel } from '../../graph/index.js';
import type { ModelFunctions } from '../functions.js';
import { checkImages } from '../images.js';
import { callable, classesOf, oneHot } from './callable.js';
import { type ModelNumbers, modelNumbers, namesFor } from './model-numbers.js';

/** A model that encodes images and decodes codes: a trained `Autoencoder`, or two ONNX models. */
export type Coding =
  | { readonly functions: ModelFunctions; readonly classes?: readonly string[] }
  | { readonly encode: OnnxModel; readonly decode: OnnxModel; readonly classes?: readonly string[] };

export interface Codec {
  /** L, the length of a code. */
  readonly latent: number;
  /** [H, W, C] */
  readonly image: readonly number[];
  /** Class names, if it has any; a model with classes as an input always does. */
  readonly classes?: readonly string[];
  /** SHA-256 of the decoder. */
  sha256(): Promise<string>;
  encoderSha256(): Promise<string>;
  /** Images [n, H, W, C] → codes [n, L]. */
  encode(images: Float32Array, n: number): Promise<Float32Array>;
  /** Codes [n, L] and classes, by the model's numbers → images. */
  decode(codes: Float32Array, classes: readonly number[]): Promise<Float32Array>;
}

export function codecOf(owner: string, model: Coding): Codec {
  const { encode, decode } = 'functions' in model ? model.functions : model;
  if (!encode || !decode) {
    throw new UsageError(expected(owner, 'a model that encodes and decodes', model, 'give an autoencoder'));
  }
  const [into, out] = [callable(encode), callable(decode)];
  const [images, ...others] = [...into.inputs];
  const codes = [...out.inputs].find(([name, shape]) => name !== 'classes' && shape.length === 1);
  if (images?.[1].length !== 3 || others.length > 0 || !codes) {
    throw new UsageError(
      expected(owner, 'encode to take images and decode to take codes', [[...into.inputs], [...out.inputs]]),
    );
  }
  const classes = out.inputs.get('classes');
  const [name] = codes;
  const names = model.classes ?? ('functions' in model ? undefined : classesOf(model.decode));
  return {
    latent: codes[1][0],
    image: images[1],
    classes: classes ? namesFor(owner, classes[0], undefined, names) : names,
    sha256: () => out.sha256(),
    encoderSha256: () => into.sha256(),
    encode: (data, n) => into.call({ [images[0]]: data }, n),
    decode: (data, labels) =>
      out.call({ [name]: data, ...(classes && { classes: oneHot(labels, classes[0]) }) }, labels.length),
  };
}

/**
 * Checks that a batch fits the model, every row has one class, and there are only images and labels. Returns the
 * numbers that the model has for the classes of the batch.
 */
export function checkCoded(
  owner: string,
  { image, classes }: Pick<Codec, 'image' | 'classes'>,
  batch: Batch,
): ModelNumbers {
  const own = batch.origin.classes;
  const numbers = classes && modelNumbers(owner, classes, own);
  if (batch.masks || batch.targets) {
    throw new UsageError(
      `${owner}: expected images with labels only but received masks, boxes or keypoints; leave them out`,
    );
  }
  checkImages(batch, { input: image, classes: own }, owner);
  if (batch.soft && !isHard(batch.soft)) {
    throw new UsageError(
      `${owner}: expected rows of one class but their labels are mixed; put it before mixup and other mixes, and before ganMix with soft labels`,
    );
  }
  return numbers;
}

const isHard = (soft: Float32Array) => soft.every((p) => p === 0 || p === 1);
