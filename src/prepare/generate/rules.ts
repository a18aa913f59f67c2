/** How copies are made by a generative model, as plain JSON: it is part of the plan. */
import { Draws, fold, keyOf, tag } from '../../core/index.js';
import type { ImagePort, VectorPort } from '../score/ports.js';

export interface GenerateRules {
  /** SHA-256 of the file. */
  readonly model: string;
  /** Of the copies that would be augmented. */
  readonly share: number;
  /** The input for normal numbers. */
  readonly code: VectorPort;
  /** The input for the class of an image, one-hot. */
  readonly classInput?: VectorPort;
  /** Names of the model's classes, in the order of its numbers. */
  readonly classes?: readonly string[];
  /** The input for the image itself. */
  readonly images?: ImagePort;
  readonly output: ImagePort;
  /** What encodes the image itself; its code is perturbed, and the model decodes it. */
  readonly encoder?: {
    readonly model: string;
    readonly images: ImagePort;
    readonly output: string;
    /** Of the noise, in deviations of the codes. */
    readonly sigma: number;
  };
  /** Values of black and white where images are floats; those of uint8 are 0 and 255. */
  readonly range: readonly [black: number, white: number];
}

/** Copies by a model, as `generatedCopies` gives them. */
export interface GeneratedCopies {
  readonly rules: GenerateRules;
  /** Path; its bytes are those of `rules.model`, or it is not run. */
  readonly file: string;
  /** Likewise of the encoder. */
  readonly encoderFile?: string;
}

/** Keyed by seed, name of the image and number of the copy: other images change nothing. */
const drawsOf = (what: string, seed: number, id: string, copy: number): Draws =>
  new Draws(fold(keyOf(seed), tag(what), tag(id), copy));

/** Whether a copy is generated. */
export const isGenerated = ({ share }: GenerateRules, seed: number, id: string, copy: number): boolean =>
  drawsOf('prepare-generated', seed, id, copy).chance(share);

/** The code of a copy: normal numbers, float32. */
export function codeOf({ code }: GenerateRules, seed: number, id: string, copy: number): Float32Array {
  const draws = drawsOf('prepare-code', seed, id, copy);
  return Float32Array.from({ length: code.count }, () => draws.normal());
}

/** The file of a model in the output: whoever renders a shard has it. */
export const modelFile = (sha256: string): string => `.rxaug/models/${sha256}.onnx`;
