import { createHash } from 'node:crypto';
import { expected, RxaugError, UsageError } from '../../core/index.js';
import type { OnnxDtype, OnnxModel } from '../../graph/index.js';
import { tf } from '../../graph/tf.js';
import type { ModelFunction } from '../functions.js';
import { asDtype } from './as-dtype.js';

/** Shapes by name, without the batch axis. Shapes with three axes are images. */
export type Ports = ReadonlyMap<string, readonly number[]>;

/**
 * A model as stages call it: a function of numbers, computed by a trained model on TensorFlow.js or by an ONNX file in
 * another process. Callers use images as float32 [n, H, W, C] in [−1, 1], whatever the layout and range of the model, and
 * one-hot classes [n, K].
 */
export interface Callable {
  readonly inputs: Ports;
  /** Shape of its output, if known before a call. */
  readonly output?: readonly number[];
  /** SHA-256 of the weights or of the file, by which recipes refer to the model. */
  sha256(): Promise<string>;
  /** n rows of each input → n rows of the output, written to `room` if the model can do that. */
  call(feeds: Readonly<Record<string, Float32Array>>, n: number, room?: Float32Array): Promise<Float32Array>;
}

export type AnyFunction = ModelFunction | OnnxModel;

export function callable(model: AnyFunction): Callable {
  const made = 'run' in model && 'params' in model ? onTensorFlow(model) : onOnnx(model as OnnxModel);
  const name = 'name' in model ? `onnx ${model.name}` : 'the model';
  return {
    ...made,
    async call(feeds, n, room) {
      const numbers = await made.call(feeds, n, room);
      for (let i = 0; i < numbers.length; i++) {
        if (Number.isFinite(numbers[i])) continue;
        const fix = 'retrain it if it has diverged, else check the range of its inputs';
        throw new RxaugError(expected(name, 'finite outputs', numbers[i], fix));
      }
      return numbers;
    },
  };
}

/** The class names in the metadata of a file; undefined if they are missing or not a list of names. */
export function classesOf({ metadata }: OnnxModel): readonly string[] | undefined {
  try {
    const names: unknown = JSON.parse(metadata.classes ?? 'null');
    return Array.isArray(names) && names.every((name) => typeof name === 'string') ? names : undefined;
  } catch {
    return undefined;
  }
}

function onTensorFlow({ inputs, params, run }: ModelFunction): Callable {
  let hash: Promise<string> | undefined;
  const ports = new Map(inputs.map(({ name, shape }) => [name, shape.slice(1) as number[]]));
  return {
    inputs: ports,
    sha256: () => {
      hash ??= hashOf(params);
      return hash;
    },
    async call(feeds, n) {
      const made = tf.tidy(() => {
        const tensors = Object.fromEntries(
          [...ports].map(([name, shape]) => [name, tf.tensor(feeds[name], [n, ...shape])]),
        );
        return Object.values(run(tensors))[0];
      });
      try {
        return (await made.data()) as Float32Array;
      } finally {
        made.dispose();
      }
    },
  };
}

async function hashOf(params: ModelFunction['params']): Promise<string> {
  const hash = createHash('sha256');
  for (const name of Object.keys(params).sort()) {
    const values = (await params[name].data()) as Float32Array;
    hash.update(`${name} ${params[name].shape}\n`);
    hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  }
  return hash.digest('hex');
}

/** Integer types whose image range is not known; that of uint8 is 0..255. */
const UNKNOWN_RANGE: ReadonlySet<string> = new Set([
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'uint32',
  'uint64',
]);

function onOnnx(model: OnnxModel): Callable {
  const fixed = (kind: string, { name, dtype, shape }: OnnxModel['inputs'][number]): number[] => {
    const sides = shape?.slice(1);
    if (shape?.[0] !== null || !sides?.every((side) => side !== null)) {
      throw new UsageError(
        expected(
          `onnx ${model.name}: ${kind} '${name}'`,
          'a variable batch size and fixed other sizes',
          `${dtype} ${JSON.stringify(shape)}`,
          `give its shape to onnxModel, in ${kind}s`,
        ),
      );
    }
    if (sides.length === 3 && (dtype === 'bool' || (UNKNOWN_RANGE.has(dtype) && !model.hasRange(name)))) {
      const fix = dtype === 'bool' ? 'export it with float32' : `give its range to onnxModel, in ${kind}s`;
      throw new UsageError(
        expected(`onnx ${model.name}: ${kind} '${name}'`, 'images of a known range', dtype, fix),
      );
    }
    return sides as number[];
  };
  const [output, ...more] = model.outputs;
  if (more.length > 0) {
    throw new UsageError(
      expected(
        `onnx ${model.name}`,
        'one output',
        model.outputs.map(({ name }) => name),
        'name the one to use in outputs of onnxModel',
      ),
    );
  }
  const inputs = new Map(
    model.inputs.map((port) => [port.name, asHwc(model, port.name, fixed('input', port))]),
  );
  const dtypes = new Map(model.inputs.map(({ name, dtype }) => [name, dtype]));
  const made = fixed('output', output);
  return {
    inputs,
    output: asHwc(model, output.name, made),
    sha256: async () => model.sha256,
    async call(feeds, n, room) {
      const given = [...inputs].map(([name, sides]) => {
        const images = sides.length === 3;
        const numbers = images ? toModel(feeds[name], sides, model.look(name)) : feeds[name];
        const where = `onnx ${model.name}: input '${name}'`;
        const data = asDtype(where, dtypes.get(name) as OnnxDtype, numbers, images);
        const dims = images && model.look(name).layout === 'NCHW' ? [sides[2], sides[0], sides[1]] : sides;
        return [name, { data, dims: [n, ...dims] }];
      });
      const floats = output.dtype === 'float32' || output.dtype === 'float16';
      const into = room && floats ? { [output.name]: room } : {};
      const outputs = await model.run(Object.fromEntries(given), { into });
      const { data, dims } = outputs[output.name];
      const numbers = data instanceof Float32Array ? data : Float32Array.from(data);
      const sides = asHwc(model, output.name, dims.slice(1));
      return sides.length === 3 ? fromModel(numbers, sides, model.look(output.name)) : numbers;
    },
  };
}

type Look = ReturnType<OnnxModel['look']>;

/** Sizes of images as [H, W, C]. */
function asHwc(model: OnnxModel, name: string, sides: readonly number[]): readonly number[] {
  return sides.length === 3 && model.look(name).layout === 'NCHW' ? [sides[1], sides[2], sides[0]] : sides;
}

function toModel(
  images: Float32Array,
  sides: readonly number[],
  { layout, range: [black, white] }: Look,
): Float32Array {
  const same = black === -1 && white === 1;
  const scaled = same ? images : images.map((x) => black + ((x + 1) / 2) * (white - black));
  return layout === 'NCHW' ? transposed(scaled, sides, true) : scaled;
}

function fromModel(
  images: Float32Array,
  sides: readonly number[],
  { layout, range: [black, white] }: Look,
): Float32Array {
  const own = layout === 'NCHW' ? transposed(images, sides, false) : images;
  if (black === -1 && white === 1) return own;
  return own.map((x) => (2 * (x - black)) / (white - black) - 1);
}

/** Images from [n, H, W, C] to [n, C, H, W], or back. */
export function transposed(
  from: Float32Array,
  [height, width, channels]: readonly number[],
  forth: boolean,
): Float32Array {
  const to = new Float32Array(from.length);
  const pixels = height * width;
  for (let start = 0; start < from.length; start += pixels * channels) {
    for (let p = 0; p < pixels; p++) {
      for (let c = 0; c < channels; c++) {
        const [last, first] = [start + p * channels + c, start + c * pixels + p];
        if (forth) to[first] = from[last];
        else to[last] = from[first];
      }
    }
  }
  return to;
}

/** [n, K] */
export function oneHot(classes: readonly number[], count: number): Float32Array {
  const out = new Float32Array(classes.length * count);
  classes.forEach((label, i) => {
    out[i * count + label] = 1;
  });
  return out;
}
