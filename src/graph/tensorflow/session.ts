/** Runs a SavedModel in this process, through the addon of tfjs-node. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expected, messageOf, RxaugError, UsageError } from '../../core/index.js';
import type { Graph, Value } from '../graph.js';
import { decode } from '../protobuf.js';
import type { Tensors } from '../record.js';
import { tf } from '../tf.js';
import { type SavedModelDef, type SignatureDef, savedSignatures } from './schema.js';
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

interface Ports {
  /** Names of nodes by those of inputs and outputs. */
  readonly inputs: ReadonlyMap<string, string>;
  readonly outputs: ReadonlyMap<string, string>;
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
   * @throws RxaugError if TensorFlow cannot compute it; variables may then be assigned in part
   */
  run(signature: string, inputs: Tensors, fetch: readonly string[] = []): tf.Tensor[] {
    const ports = this.ports.get(signature);
    if (!ports) throw new UsageError(expected('tensorflow', `one of ${[...this.ports.keys()]}`, signature));
    const missing = [...ports.inputs.keys()].find((name) => inputs[name] === undefined);
    if (missing !== undefined) {
      throw new UsageError(
        expected(`tensorflow: ${signature}`, `an input '${missing}'`, Object.keys(inputs)),
      );
    }
    const outputs = (fetch.length > 0 ? fetch : [DONE]).map((name) => {
      const node = ports.outputs.get(name);
      if (node === undefined)
        throw new UsageError(expected(`tensorflow: ${signature}`, 'a known output', name));
      return node;
    });
    const tensors = [...ports.inputs.keys()].map((name) => inputs[name]);
    const handles = this.call(signature, tensors, [...ports.inputs.values()], outputs);
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

  /** Gives all variables their values. */
  assign(values: Tensors): void {
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

function portsOf(directory: string): Map<string, Ports> {
  const file = join(directory, 'saved_model.pb');
  const names = (entries: SignatureDef['inputs'] = []) =>
    new Map(entries.map(({ key, value }) => [key ?? DONE, value.name]));
  try {
    const { metaGraphs } = decode(savedSignatures, readFileSync(file), LIMITS) as unknown as SavedModelDef;
    return new Map(
      metaGraphs[0].signatures.map(({ key, value }) => [
        key,
        { inputs: names(value.inputs), outputs: names(value.outputs) },
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
