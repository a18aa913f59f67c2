import { readFile, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import {
  expected,
  messageOf,
  parseOptions,
  RxaugError,
  requireOptional,
  show,
  UsageError,
} from '../../core/index.js';
import { type CheckedOnnx, checkOnnx, onnxLimits } from '../onnx/check.js';
import { ONNX_DTYPES } from '../onnx/dtypes.js';
import type { Port } from '../onnx/interface.js';
import { findGpu } from './gpu.js';
import { InferenceHost } from './host.js';
import { allocate, type Outputs, sizeOf, type Tensor, type Values } from './protocol.js';

const require = createRequire(import.meta.url);

const wish = z.strictObject({
  /** null is any size; the first axis is the batch. */
  shape: z.array(z.int().min(0).nullable()).optional(),
  dtype: z.enum(ONNX_DTYPES).optional(),
  /** Layout of images; PyTorch uses NCHW. */
  layout: z.enum(['NHWC', 'NCHW']).default('NHWC'),
  /** Values of black and white; default 0 and 255 for uint8, else `pixels` in the file's metadata, else 0 and 1. */
  range: z.tuple([z.number(), z.number()]).optional(),
});

export const onnxOptions = z.strictObject({
  inputs: z.record(z.string(), wish).optional(),
  outputs: z.record(z.string(), wish).optional(),
  /** SHA-256 of the file; another file is refused. */
  sha256: z
    .string()
    .regex(/^[0-9a-fA-F]{64}$/, 'expected 64 hexadecimal digits')
    .optional(),
  /** Limits on the file and on its process. */
  limits: z
    .strictObject({
      bytes: z.int().min(1),
      nodes: z.int().min(1),
      depth: z.int().min(0),
      numbers: z.int().min(1),
      /** Resident bytes of the process, some 150 MB without a model; default 8 GiB or half of the machine's. */
      memory: z.int().min(1),
    })
    .partial()
    .default({}),
  /** Most rows in one run; more are run in parts. */
  batch: z.int().min(1).default(64),
  /** Requests sent to the process at a time, each with two open files; further callers wait. */
  queue: z.int().min(1).max(32).default(2),
  /** Threads of the CPU provider. */
  threads: z
    .int()
    .min(1)
    .default(() => Math.max(1, Math.min(4, os.availableParallelism() - 1))),
  /** 'auto' uses a graphics processor if there is one; its numbers differ in the last digits. */
  device: z.enum(['cpu', 'gpu', 'auto']).default('cpu'),
  /** Module that the process imports first; for tests. */
  preload: z.string().optional(),
});
/** Options of `onnxModel`: expected inputs and outputs, SHA-256, limits, rows per run, threads, device. */
export type OnnxOptions = z.input<typeof onnxOptions>;
type Wish = z.output<typeof wish>;

/** Numbers of an input; with `dims` if more sizes than the batch are open in the file. */
export type Feed = Values | { readonly data: Values; readonly dims: readonly number[] };

/** Options of `OnnxModel.run`. */
export interface RunOptions {
  /** Memory for outputs, such as that of a batch; default: new memory. */
  readonly into?: Readonly<Record<string, Values>>;
}

/**
 * Loads an ONNX model to call from TypeScript. The file is untrusted: it is checked first (`checkOnnx`) and runs with
 * onnxruntime in a process of its own, which is ended if it takes too much memory.
 *
 * @param source path of a file, or its bytes
 * @param options `inputs` and `outputs` that are expected, by name (`{ shape, dtype, layout, range }`, null for an open
 * size), `sha256`, `limits`, `batch` (rows per run, default 64), `queue`, `threads` (default at most 4), `device` ('cpu',
 * 'gpu' or 'auto', default 'cpu')
 * @throws UsageError for bad options; RxaugError if the file is no model, is refused, or onnxruntime-node is not installed
 *
 * @example
 * const { tf } = await loadBackend('cpu');
 * const graph = traceFunction(({ x }) => tf.mul(x, 2), { inputs: [{ name: 'x', shape: [null, 3] }] });
 * const doubled = await onnxModel(writeOnnx(graph));
 * const outputs = await doubled.run({ x: Float32Array.of(1, 2, 3) });
 * [...Object.values(outputs)[0]!.data] // → [2, 4, 6]
 * await doubled.dispose();
 */
export async function onnxModel(source: string | Uint8Array, options: OnnxOptions = {}): Promise<OnnxModel> {
  const parsed = parseOptions('onnxModel', onnxOptions, options);
  const { inputs, outputs, sha256, limits, batch, queue, threads, device, preload } = parsed;
  const name = typeof source === 'string' ? path.basename(source) : 'model';
  const given = typeof source === 'string' ? await read(source, limits.bytes ?? onnxLimits.bytes) : source;
  const model = Uint8Array.from(given); // the bytes that are checked are the ones that run, even if the caller changes its own
  const checked = checkOnnx(model, { name, sha256, limits, inputs, outputs });
  // onnxruntime-node passes ports as properties, and that one it loses.
  if ([...checked.inputs, ...checked.outputs].some((port) => port.name === '__proto__')) {
    throw new RxaugError(`onnx ${name}: '__proto__' cannot be the name of an input or output; rename it`);
  }
  const provider = providerOf(device);
  const start = {
    model,
    inputs: checked.inputs,
    outputs: checked.outputs,
    threads,
    provider,
    batch,
    memory: limits.memory ?? defaultMemory(),
    preload,
  };
  // Here: the process that loads it could only report this by ending.
  requireOptional((id) => require.resolve(id), 'onnxruntime-node', `onnx ${name}`);
  const host = new InferenceHost(name, start, queue);
  await host.ready;
  return new OnnxModel(name, checked, host, { ...inputs, ...outputs });
}

async function read(file: string, limit: number): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    if (size > limit) {
      throw new RxaugError(
        `it has ${size} bytes, and ${limit} are the limit; raise limits.bytes if you trust it`,
      );
    }
    return await readFile(file);
  } catch (error) {
    throw new RxaugError(`onnx ${file}: cannot be read (${messageOf(error)}); check the path`, {
      cause: error,
    });
  }
}

/** The limit of a container, if there is one, is below the machine's memory. */
function defaultMemory(): number {
  const total = os.totalmem();
  const contained = process.constrainedMemory?.() || total;
  return Math.min(8 * 2 ** 30, Math.floor(Math.min(total, contained) / 2));
}

function providerOf(device: 'cpu' | 'gpu' | 'auto'): string {
  if (device === 'cpu') return 'cpu';
  const { provider, why } = findGpu();
  if (provider) return provider;
  if (device === 'gpu')
    throw new UsageError(`onnxModel: device: expected a GPU but found none: ${why}; use 'cpu'`);
  return 'cpu';
}

/**
 * A loaded ONNX model; `onnxModel` makes it. `dispose()` ends its process.
 *
 * @example
 * const { tf } = await loadBackend('cpu');
 * const graph = traceFunction(({ x }) => tf.mul(x, 2), { inputs: [{ name: 'x', shape: [null, 3] }] });
 * const doubled: OnnxModel = await onnxModel(writeOnnx(graph));
 * doubled.inputs // → [{ name: 'x', dtype: 'float32', shape: [null, 3] }]
 * await doubled.dispose();
 */
export class OnnxModel {
  /** SHA-256 of the file; recipes refer to the model by it. */
  readonly sha256: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly metadata: Readonly<Record<string, string>>;

  constructor(
    readonly name: string,
    { sha256, inputs, outputs, metadata }: CheckedOnnx,
    /** Tests kill its process. */
    readonly host: InferenceHost,
    private readonly wishes: Readonly<Record<string, Wish>>,
  ) {
    this.sha256 = sha256;
    this.inputs = inputs;
    this.outputs = outputs;
    this.metadata = metadata;
  }

  /** The layout of images at an input or output, and the values of black and white. */
  look(port: string): { layout: 'NHWC' | 'NCHW'; range: readonly [number, number] } {
    const { layout = 'NHWC', range } = this.wishes[port] ?? {};
    const { dtype } = [...this.inputs, ...this.outputs].find(({ name }) => name === port) ?? {};
    const floats = this.metadata.pixels === '-1..1' ? ([-1, 1] as const) : ([0, 1] as const);
    return { layout, range: range ?? (dtype === 'uint8' ? [0, 255] : floats) };
  }

  /** Whether the caller gave `range`; integers other than uint8 have no default. */
  hasRange(port: string): boolean {
    return this.wishes[port]?.range !== undefined;
  }

  /**
   * Runs the model: inputs by name, outputs by name. Waits while `queue` requests are running; inputs must not change
   * until the promise resolves.
   */
  async run(feeds: Readonly<Record<string, Feed>>, { into = {} }: RunOptions = {}): Promise<Outputs> {
    const where = `onnx ${this.name}`;
    const names = (ports: readonly Port[]) => ports.map(({ name }) => show(name)).join(', ');
    for (const [given, ports] of [
      [feeds, this.inputs],
      [into, this.outputs],
    ] as const) {
      const unknown = Object.keys(given).find((name) => !ports.some((port) => port.name === name));
      if (unknown !== undefined) throw new UsageError(expected(where, names(ports), unknown));
    }
    const inputs = Object.fromEntries(
      this.inputs.map((port) => [port.name, this.checked(port, feeds[port.name])]),
    );
    for (const { name, dtype } of this.outputs) {
      const like = allocate(dtype, 0);
      if (!Object.hasOwn(into, name) || into[name].constructor === like.constructor) continue;
      throw new UsageError(expected(`${where}: into ${show(name)}`, like.constructor.name, into[name]));
    }
    return this.host.run(inputs, into);
  }

  dispose(): Promise<void> {
    return this.host.dispose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.dispose();
  }

  private checked({ name, dtype, shape }: Port, feed?: Feed): Tensor {
    const where = `onnx ${this.name}: input ${show(name)}`;
    if (feed === undefined) throw new UsageError(expected(where, dtype, undefined));
    const { data, dims } = ArrayBuffer.isView(feed) ? { data: feed, dims: fill(shape, feed.length) } : feed;
    const like = allocate(dtype, 0);
    if (data.constructor !== like.constructor) {
      throw new UsageError(expected(where, like.constructor.name, data));
    }
    const fits =
      dims?.every(Number.isInteger) &&
      sizeOf(dims) === data.length &&
      (!shape ||
        (shape.length === dims.length && shape.every((side, i) => side === null || side === dims[i])));
    if (!dims || !fits) {
      const want = shape?.map((side) => side ?? 'any').join(', ') ?? 'its shape in dims';
      throw new UsageError(expected(where, `[${want}]`, dims ?? data));
    }
    return { data, dims };
  }
}

/** The shape for a number of values, if only one size is open. */
function fill(shape: Port['shape'], length: number): number[] | undefined {
  if (!shape || shape.filter((side) => side === null).length > 1) return undefined;
  const rest = sizeOf(shape.map((side) => side ?? 1));
  return shape.map((side) => side ?? (rest === 0 ? 0 : length / rest));
}
