/** The file of a model that scores images: read and checked at once, so that what is wrong with it is an error before a scan begins. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { z } from 'zod';
import { normalize, pipelineToJson, resize, type SampleOperator, STATISTICS } from '../../augment/index.js';
import { expected, messageOf, RxaugError, show, UsageError } from '../../core/index.js';
import { type CheckedOnnx, checkOnnx, onnxLimits } from '../../graph/onnx/check.js';
import { isSteady, preprocessingSchema, transformsIn } from '../../stream/preprocessing.js';
import { classInput, imagePort, outputPort, perImage } from './ports.js';
import { type ModelQuery, type Scoring, scoringOf } from './scoring.js';

/** Options that all filters by a model have. */
export const modelOptions = {
  /** Path of an ONNX file. */
  model: z.string().min(1),
  /**
   * What images go through before the model: `[resize(224), normalize()]`, nothing random. Without `normalize` values are in
   * 0..1, and for a model of uint8 in 0..255. Default: what the file says of its training, as files of `rxaug onnx` do.
   */
  transforms: z
    .custom<readonly SampleOperator[]>((value) => Array.isArray(value), 'expected a list of transforms')
    .optional(),
  /** Where the channels are. Default: where the file has an axis of 3. */
  layout: z.enum(['NHWC', 'NCHW']).optional(),
  /** Name of the input for images. Default: the only one of four axes. */
  input: z.string().min(1).optional(),
  /** Name of the output. Default: the only one. */
  output: z.string().min(1).optional(),
  /** Names of the model's classes, in the order of its numbers. Default: those in the file. */
  classes: z.array(z.string()).min(1).optional(),
  /** Megabytes that the model's process may hold, one for each worker. Default 2048. */
  memory: z.int().min(200).max(1e6).default(2048),
};

const schema = z.strictObject(modelOptions);
type ModelOptions = z.output<typeof schema>;

/** How the filter uses the model. */
export interface Use {
  /** Of a classifier; undefined for a model of one number. */
  readonly classifier?: { readonly gives?: 'logits' | 'probabilities' };
  /** Whether the class of an image is asked about. */
  readonly label: boolean;
}

/** @throws UsageError or RxaugError, in one sentence, for a file that does not fit */
export function modelScoring(owner: string, options: ModelOptions, { classifier, label }: Use): Scoring {
  const file = resolve(options.model);
  const where = `${owner}: ${options.model}`;
  const checked = modelAt(owner, options.model, options.output);
  const images = imagePort(where, checked, options);
  const classPort = classInput(where, checked, images, classifier === undefined);
  if (options.classes && !classifier && !classPort)
    throw new UsageError(
      `${where}: classes: the model gives one number and has no input 'classes' that they could name; leave them out`,
    );
  const output = outputPort(where, checked, options.output);
  const count = perImage(output);
  const gives = classifier && givesOf(where, output.name, classifier.gives);
  const what = `${where}: output ${show(output.name)}`;
  if (classifier && count === 1)
    throw new UsageError(`${what}: expected one number for each class but it is one number; use scoreFilter`);
  if (!classifier && count !== undefined && count !== 1)
    throw new UsageError(
      `${what}: expected one number for an image but it is ${count}; use classifierFilter`,
    );
  const queriesLabel = label || classPort !== undefined;
  const classes = options.classes ?? namesIn(checked);
  checkNames(where, {
    classes,
    count: classifier ? count : classPort?.count,
    needed: queriesLabel,
    given: options.classes,
  });
  const { transforms, decoder } = preparing(where, checked, images, options.transforms);
  if (images.dtype === 'uint8' && transforms.some(({ transform }) => transform.name === 'normalize'))
    throw new UsageError(
      `${where}: transforms: the model takes uint8, which normalize() does not give; leave it out`,
    );
  const query: ModelQuery = {
    model: checked.sha256,
    images,
    ...(classPort && { classInput: classPort }),
    output: output.name,
    ...(gives && { gives }),
    transforms: pipelineToJson(transforms),
    ...(decoder && { decoder }),
    ...((classifier || classPort) && classes && { classes }),
    label: queriesLabel,
  };
  return scoringOf(owner, file, options.memory * 2 ** 20, query);
}

/** A file that is read and checked. */
export function modelAt(owner: string, path: string, output: string | undefined): CheckedOnnx {
  let bytes: Uint8Array;
  try {
    const { size } = statSync(path);
    if (size > onnxLimits.bytes)
      throw new RxaugError(`it has ${size} bytes, and ${onnxLimits.bytes} are the limit`);
    bytes = readFileSync(path);
  } catch (error) {
    throw new UsageError(
      `${owner}: the model ${show(path)} cannot be read (${messageOf(error)}); check its path`,
      { cause: error },
    );
  }
  const outputs = output === undefined ? undefined : { [output]: {} };
  try {
    return checkOnnx(bytes, { name: path, outputs });
  } catch (error) {
    throw new UsageError(`${owner}: ${messageOf(error)}`, { cause: error });
  }
}

function givesOf(where: string, output: string, given: 'logits' | 'probabilities' | undefined) {
  if (given) return given;
  if (output === 'logits' || output === 'probabilities') return output;
  throw new UsageError(
    `${where}: output ${show(output)} may be logits or probabilities, which the file does not say; give gives: 'logits', or 'probabilities' where it ends with a softmax`,
  );
}

/** Names of classes in the metadata of a file. */
export function namesIn({ metadata }: CheckedOnnx): readonly string[] | undefined {
  try {
    const names: unknown = JSON.parse(metadata.classes ?? 'null');
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
  } catch {
    return undefined;
  }
}

interface Names {
  readonly classes?: readonly string[];
  readonly given?: readonly string[];
  /** Of the model; undefined where the file leaves it open. */
  readonly count?: number;
  readonly needed: boolean;
}

/** One name for each class of a model. */
export function checkNames(where: string, { classes, given, count, needed }: Names): void {
  if (!classes) {
    if (!needed) return;
    throw new UsageError(
      `${where}: the file does not name its ${count === undefined ? '' : `${count} `}classes; give them as classes, in the order of its numbers`,
    );
  }
  if (new Set(classes).size < classes.length) {
    const twice = classes.find((name, i) => classes.indexOf(name) !== i);
    throw new UsageError(
      `${where}: classes: ${show(twice)} is named twice; give each class a name of its own`,
    );
  }
  if (count === undefined || count === classes.length) return;
  throw new UsageError(
    `${where}: expected names of the ${count} classes of the model but ${given ? 'received' : 'the file has'} ${classes.length}; give one name for each, as classes`,
  );
}

interface Preparation {
  readonly transforms: readonly SampleOperator[];
  readonly decoder?: Readonly<Record<string, unknown>>;
}

function preparing(
  where: string,
  { metadata }: CheckedOnnx,
  { height, width, dtype }: ReturnType<typeof imagePort>,
  given: readonly SampleOperator[] | undefined,
): Preparation {
  if (given) return { transforms: steady(where, given) };
  const ask = `give transforms, such as [resize(${height ?? 224}), normalize()]`;
  if (metadata.preprocessing !== undefined) {
    const stored = preprocessingSchema.safeParse(jsonOf(metadata.preprocessing));
    if (!stored.success)
      throw new UsageError(`${where}: what it says of the images of its training cannot be read; ${ask}`);
    if ('unknown' in stored.data)
      throw new UsageError(
        `${where}: the file does not say what its images went through (${stored.data.unknown}); ${ask}`,
      );
    const { decoder } = stored.data;
    return { transforms: transformsIn(stored.data, where), ...(decoder && { decoder }) };
  }
  // Functions of generative models, which have images of one size and range.
  if (metadata.pixels === '-1..1' && dtype !== 'uint8' && height !== null && width !== null)
    return { transforms: [resize({ size: [height, width] }), normalize(STATISTICS.symmetric)] };
  throw new UsageError(`${where}: the file does not say what its images went through; ${ask}`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Transforms of samples without chance: an image has one score. */
function steady(where: string, given: readonly SampleOperator[]): readonly SampleOperator[] {
  for (const [place, operator] of given.entries()) {
    if (typeof operator?.transform?.draw !== 'function')
      throw new UsageError(expected(`${where}: transforms[${place}]`, 'a transform of samples', operator));
    if (!isSteady(operator.transform))
      throw new UsageError(
        `${where}: transforms: ${operator.transform.name} is random, and an image has one score; leave it out`,
      );
  }
  return given;
}
