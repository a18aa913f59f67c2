/** Runs a SavedModel in this process, through the addon of tfjs-node. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expected, messageOf, RxaugError, show, UsageError } from '../../core/index.js';
import type { Graph, Value } from '../graph.js';
import { decode } from '../protobuf.js';
import type { Tensors } from '../record.js';
import { tf } from '../tf.js';
import {
  dataTypes,
  type SavedModelDef,
  type SignatureDef,
  savedSignatures,
  type TensorDef,
} from './schema.js';
import { DONE, TAG, writeSavedModel } from './write.js';

/** The part of the native backend that runs SavedModels. */
interface Host {
  readonly binding: {
    loadSavedModel(directory: string, tags: string): number;
    deleteSavedModel(id: number): void;
    /** Names separated by commas. */
    runSavedModel(id: number, tensors: readonly number[], inputs: string, outputs: string): Handle[];
    deleteTensor(id: number): void;
  };
  /** Handles of tensors; numbers that are still with JavaScript go over to TensorFlow. */
  getInputTensorIds(tensors: readonly tf.Tensor[]): number[];
  createOutputTensor(handle: Handle): tf.Tensor;
}

interface Handle {
  readonly id: number;
}

/** A tensor of the graph. */
interface Port {
  /** Of its node, with the number of the output. */
  readonly node: string;
  /** `float32 [2, 3]` */
  readonly type: string;
}

/** By the names of inputs and outputs. */
interface Ports {
  readonly inputs: ReadonlyMap<string, Port>;
  readonly outputs: ReadonlyMap<string, Port>;
}

const LIMITS = { values: 1e8, depth: 20 };

/** A SavedModel with its variables, which live until `dispose`. */
export class TensorFlowSession {
  private readonly ports: ReadonlyMap<string, Ports>;
  private id: number | undefined;

  /** Loads `saved_model.pb` of a directory, which may be removed afterwards. */
  constructor(directory: string) {
    this.ports = portsOf(directory);
    this.host = nativeHost();
    try {
      this.id = this.host.binding.loadSavedModel(directory, TAG);
    } catch (error) {
      throw new RxaugError(`tensorflow: the graph does not load (${reason(error)})`, { cause: error });
    }
  }

  private readonly host: Host;

  /**
   * Runs a function once: computes outputs and assigns variables. Each list of outputs is compiled at its first run, so
   * it is best to fetch the same ones every time.
   *
   * @param inputs tensors of all inputs that are not variables; they stay the caller's, and are not copied
   * @param fetch names of outputs
   * @returns the outputs in that order, in the surrounding tidy scope
   * @throws UsageError that names an input or an output that the function does not have, an input that is not there, or one
   * of another shape or type; RxaugError if TensorFlow cannot compute it: variables may then be assigned in part
   */
  run(signature: string, inputs: Tensors, fetch: readonly string[] = []): tf.Tensor[] {
    const ports = this.ports.get(signature);
    if (!ports) throw new UsageError(expected('tensorflow', `one of ${[...this.ports.keys()]}`, signature));
    checkInputs(`tensorflow: ${signature}`, 'input', ports.inputs, inputs);
    const outputs = (fetch.length > 0 ? fetch : [DONE]).map((name) => {
      const port = ports.outputs.get(name);
      if (!port) throw new UsageError(expected(`tensorflow: ${signature}`, 'a known output', name));
      return port.node;
    });
    const names = [...ports.inputs.keys()];
    const nodes = [...ports.inputs.values()].map(({ node }) => node);
    const handles = this.call(
      signature,
      names.map((name) => inputs[name]),
      nodes,
      outputs,
    );
    if (fetch.length > 0) return handles.map((handle) => this.host.createOutputTensor(handle));
    for (const { id } of handles) this.host.binding.deleteTensor(id);
    return [];
  }

  private call(
    signature: string,
    tensors: readonly tf.Tensor[],
    inputs: string[],
    outputs: string[],
  ): Handle[] {
    const { binding } = this.host;
    if (this.id === undefined) throw new Error('tensorflow: the session is disposed of');
    try {
      return binding.runSavedModel(
        this.id,
        this.host.getInputTensorIds(tensors),
        inputs.join(),
        outputs.join(),
      );
    } catch (error) {
      throw new RxaugError(`tensorflow: ${signature} cannot be run (${reason(error)})`, { cause: error });
    }
  }

  /**
   * Gives all variables their values.
   *
   * @throws UsageError that names a variable that is missing, unknown, or of another shape or type
   */
  assign(values: Tensors): void {
    const inputs = this.ports.get('assign')?.inputs ?? new Map<string, Port>();
    const variables = new Map(Array.from(inputs, ([name, port]) => [name.slice(0, -1), port]));
    checkInputs('tensorflow: assign', 'variable', variables, values);
    this.run('assign', Object.fromEntries(Object.entries(values).map(([name, t]) => [`${name}=`, t])));
  }

  /** The values of all variables. */
  read(): Record<string, tf.Tensor> {
    const names = [...(this.ports.get('read')?.outputs.keys() ?? [])].filter((name) => name !== DONE);
    const values = this.run('read', {}, names);
    return Object.fromEntries(names.map((name, i) => [name.slice(0, -1), values[i]]));
  }

  /** Frees the session and its variables; a second call does nothing. */
  dispose(): void {
    if (this.id === undefined) return;
    this.host.binding.deleteSavedModel(this.id);
    this.id = undefined;
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Writes functions as a SavedModel, loads it and leaves no file behind: see `writeSavedModel`. */
export function openSession(
  functions: Readonly<Record<string, Graph>>,
  variables: readonly Value[],
): TensorFlowSession {
  const directory = mkdtempSync(join(tmpdir(), 'rxaug-graph-'));
  try {
    writeSavedModel(directory, functions, variables);
    return new TensorFlowSession(directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** TensorFlow takes a tensor of any shape, which may then broadcast, and does not say which one was wrong. */
function checkInputs(
  where: string,
  what: 'input' | 'variable',
  ports: ReadonlyMap<string, Port>,
  given: Tensors,
): void {
  const extra = Object.keys(given).find((name) => !ports.has(name));
  if (extra !== undefined)
    throw new UsageError(`${where}: it has no ${what} ${show(extra)}; leave it out, or correct its name`);
  for (const [name, { type }] of ports) {
    const tensor = Object.hasOwn(given, name) ? given[name] : undefined;
    if (!tensor) {
      const article = what === 'input' ? 'an' : 'a';
      throw new UsageError(expected(where, `${article} ${what} ${show(name)}`, Object.keys(given)));
    }
    const received = typeText(tensor.dtype, tensor.shape);
    if (received !== type)
      throw new UsageError(
        `${where}: expected ${what} ${show(name)} to be ${type} but received ${received}; convert it`,
      );
  }
}

const typeText = (dtype: string, shape: readonly number[]) => `${dtype} [${shape.join(', ')}]`;

const dtypeOf = (code: number): string =>
  Object.entries(dataTypes).find(([, each]) => each === code)?.[0] ?? `type ${code}`;

function portOf({ name, dtype, shape }: TensorDef): Port {
  const sizes = (shape?.dim ?? []).map(({ size }) => size);
  return { node: name, type: typeText(dtypeOf(dtype), sizes) };
}

function portsOf(directory: string): Map<string, Ports> {
  const file = join(directory, 'saved_model.pb');
  const ports = (entries: SignatureDef['inputs'] = []) =>
    new Map(entries.map(({ key, value }) => [key ?? DONE, portOf(value)]));
  try {
    const { metaGraphs } = decode(savedSignatures, readFileSync(file), LIMITS) as unknown as SavedModelDef;
    return new Map(
      metaGraphs[0].signatures.map(({ key, value }) => [
        key,
        { inputs: ports(value.inputs), outputs: ports(value.outputs) },
      ]),
    );
  } catch (error) {
    throw new RxaugError(`tensorflow: '${file}' is no SavedModel of rxaug (${messageOf(error)})`, {
      cause: error,
    });
  }
}

function nativeHost(): Host {
  const host = tf.findBackend('tensorflow') as unknown as Host | null;
  if (!host?.binding?.runSavedModel) {
    throw new UsageError(
      expected(
        'tensorflow',
        "the backend 'tensorflow'",
        tf.getBackend(),
        "load it with loadBackend('tensorflow')",
      ),
    );
  }
  return host;
}

/** What TensorFlow says, without the trace of its graph. */
const reason = (error: unknown): string =>
  messageOf(error)
    .split('\n', 1)[0]
    .replace(/^(Session fail to run with error|Failed to load SavedModel): /, '');
