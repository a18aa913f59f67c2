import { createHash } from 'node:crypto';
import { messageOf, printable, RxaugError, show } from '../../core/index.js';
import { decode, type Limits } from '../protobuf.js';
import { room } from './dtypes.js';
import { checkInterface, type ExpectedInterface, type Interface } from './interface.js';
import type { Refuse } from './refuse.js';
import {
  model,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxModel,
  type OnnxTensor,
  type OnnxValueInfo,
  tensorTypeOf,
} from './schema.js';

/** Limits on an ONNX file. */
export interface OnnxLimits {
  /** Bytes of the file. */
  readonly bytes: number;
  /** Nodes, those of inner graphs included. */
  readonly nodes: number;
  /** Nesting of graphs, as in the branches of `If`. */
  readonly depth: number;
  /** Numbers in one tensor that the file holds, or that it declares as an input or output. */
  readonly numbers: number;
}

export const onnxLimits: OnnxLimits = { bytes: 2 ** 30, nodes: 20_000, depth: 4, numbers: 2 ** 28 };

/** Options of `checkOnnx`: a name for messages, a SHA-256, limits, and the inputs and outputs that are expected. */
export interface CheckOptions extends ExpectedInterface {
  /** Name in messages. */
  readonly name?: string;
  /** SHA-256 of the whole file, in hexadecimal. */
  readonly sha256?: string;
  readonly limits?: Partial<OnnxLimits>;
}

export interface CheckedOnnx extends Interface {
  readonly sha256: string;
  readonly opset: number;
  readonly nodes: number;
  readonly metadata: Readonly<Record<string, string>>;
}

/**
 * Checks an ONNX file from an untrusted source before any runtime reads it: it must be a complete model, the one that was
 * pinned, with all data inside the file, operators of ONNX itself, no functions and no loops, within the limits on nodes,
 * nesting and numbers, and with the expected inputs and outputs.
 *
 * Only the bytes are read: nothing that the file names is opened. The memory a model needs when it runs cannot be seen in
 * the file; `onnxModel` runs it in a process with a memory limit. Time is not limited.
 *
 * @param bytes of the file
 * @param options `name` (in messages), `sha256`, `limits` (default 1 GiB, 20,000 nodes, depth 4, 2²⁸ numbers per tensor),
 * `inputs`, `outputs`
 * @returns inputs, outputs, SHA-256, opset, number of nodes, metadata
 * @throws RxaugError in one sentence, if the file is refused
 *
 * @example
 * const { tf } = await loadBackend('cpu');
 * const graph = traceFunction(({ x }) => tf.relu(x), { inputs: [{ name: 'x', shape: [null, 3] }] });
 * checkOnnx(writeOnnx(graph), { inputs: { x: { shape: [null, 3] } } }).opset // → 18
 */
export function checkOnnx(bytes: Uint8Array, options: CheckOptions = {}): CheckedOnnx {
  const { name = 'model', sha256, limits: given, ...expectations } = options;
  const refuse = (what: string): never => {
    throw new RxaugError(`onnx ${name}: ${what}`);
  };
  const limits = { ...onnxLimits, ...given };
  if (bytes.length > limits.bytes) {
    refuse(
      `has ${bytes.length} bytes, and ${limits.bytes} are the limit; raise limits.bytes if you trust it`,
    );
  }
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== undefined && sha256.toLowerCase() !== digest) {
    refuse(`its SHA-256 is ${digest} and not the ${sha256} that was pinned; get the file that you trusted`);
  }
  const checker = new Checker(limits, refuse);
  const file = read(bytes, limits, refuse);
  const graph = checker.model(file);
  return {
    ...checkInterface(graph, expectations, refuse),
    sha256: digest,
    opset: file.opsetImport?.find(({ domain }) => OWN_DOMAINS.has(domain ?? ''))?.version ?? 0,
    nodes: checker.nodes,
    metadata: Object.fromEntries((file.metadataProps ?? []).map(({ key = '', value = '' }) => [key, value])),
  };
}

/** Weights belong in raw bytes; so many single values are not a model but an attempt to fill memory. */
const VALUES = 2_000_000;
/** Messages between one graph and the next inside it: node, attribute, graph. */
const MESSAGES = 3;

function read(bytes: Uint8Array, limits: OnnxLimits, refuse: Refuse): OnnxModel {
  const bounds: Limits = { values: VALUES, depth: MESSAGES * limits.depth + 5 };
  try {
    return decode(model, bytes, bounds) as OnnxModel;
  } catch (error) {
    return refuse(`is not an ONNX model, or is damaged (${messageOf(error)}); get the file again`);
  }
}

const OWN_DOMAINS: ReadonlySet<string> = new Set(['', 'ai.onnx']);
/** Operators whose number of iterations depends on data. */
const LOOPS: ReadonlySet<string> = new Set(['Loop', 'Scan', 'SequenceMap']);

/** Outputs of one node; memory is used for each. */
const OUTPUTS = 10_000;

class Checker {
  nodes = 0;

  constructor(
    private readonly limits: OnnxLimits,
    private readonly refuse: Refuse,
  ) {}

  model({ graph, opsetImport = [], functions = [], trainingInfo = [] }: OnnxModel): OnnxGraph {
    const { refuse } = this;
    if (!graph || (graph.node ?? []).length === 0) return refuse('holds no graph; get the file again');
    for (const { domain = '' } of opsetImport) this.domain(domain);
    if (!opsetImport.some(({ domain = '' }) => OWN_DOMAINS.has(domain))) {
      refuse('does not declare the version of its operators; export it again');
    }
    if (functions.length > 0) refuse('brings functions of its own; export it with them inlined');
    if (trainingInfo.length > 0) refuse('brings a training graph; export it for inference');
    this.graph(graph, 0);
    for (const info of graph.input ?? []) this.port('input', info);
    for (const info of graph.output ?? []) this.port('output', info);
    return graph;
  }

  private graph(graph: OnnxGraph, depth: number): void {
    const { node = [], initializer = [], sparseInitializer = [] } = graph;
    if (depth > this.limits.depth) {
      this.refuse(`nests graphs more than ${this.limits.depth} deep; export it without control flow`);
    }
    if (sparseInitializer.length > 0) this.refuse('has sparse weights; export it with dense ones');
    this.nodes += node.length;
    if (this.nodes > this.limits.nodes) {
      this.refuse(`has more than ${this.limits.nodes} nodes; raise limits.nodes if you trust it`);
    }
    for (const tensor of initializer) this.tensor(tensor);
    for (const { opType = '', domain = '', attribute = [], output = [] } of node) {
      this.domain(domain);
      if (output.length > OUTPUTS) {
        this.refuse(
          `has a ${printable(opType, 60)} of ${output.length} outputs, and ${OUTPUTS} are the limit; split less`,
        );
      }
      if (LOOPS.has(opType)) this.refuse(`has a ${opType}, which may never end; export it unrolled`);
      for (const each of attribute) this.attribute(each, depth);
    }
  }

  /** Sizes that are left open count as 1. */
  private port(kind: 'input' | 'output', info: OnnxValueInfo): void {
    const count = (tensorTypeOf(info)?.shape?.dim ?? []).reduce(
      (product, { value }) => product * Math.max(1, value ?? 1),
      1,
    );
    if (!(count <= this.limits.numbers)) {
      const what = `its ${kind} ${show(info.name ?? '')} has ${count} numbers`;
      this.refuse(`${what}; raise limits.numbers if you trust it`);
    }
  }

  private attribute(attribute: OnnxAttribute, depth: number): void {
    const { t, tensors = [], g, graphs = [], sparseTensor, sparseTensors = [] } = attribute;
    for (const tensor of t ? [t, ...tensors] : tensors) this.tensor(tensor);
    if (sparseTensor || sparseTensors.length > 0)
      this.refuse('has sparse constants; export it with dense ones');
    for (const graph of g ? [g, ...graphs] : graphs) this.graph(graph, depth + 1);
  }

  private domain(domain: string): void {
    if (OWN_DOMAINS.has(domain)) return;
    this.refuse(`uses operators of the domain ${show(domain)}; only those of ONNX itself are run`);
  }

  private tensor(tensor: OnnxTensor): void {
    const { dims = [], dataType = 0, dataLocation = 0, externalData = [], segment } = tensor;
    const what = `tensor ${show(tensor.name ?? '')}`;
    if (dataLocation !== 0 || externalData.length > 0) {
      this.refuse(`${what} keeps its numbers in another file; export it with all data inside`);
    }
    if (segment) this.refuse(`${what} is in segments; export it whole`);
    if (dims.some((side) => side < 0)) this.refuse(`${what} has a negative size; get the file again`);
    const count = dims.reduce((product, side) => product * side, 1);
    if (count > this.limits.numbers) {
      this.refuse(`${what} has ${count} numbers; raise limits.numbers if you trust it`);
    }
    if (dataType === 8) {
      if (tensor.stringData?.length !== count) this.refuse(`${what} has other data than its shape requires`);
      return;
    }
    const needs =
      room(dataType, count) ??
      this.refuse(`${what} is of type ${dataType}, which is not known here; export it as float32`);
    const { rawData, floatData, int32Data, int64Data, doubleData, uint64Data } = tensor;
    const lists = [floatData, int32Data, int64Data, doubleData, uint64Data];
    const listed = lists.reduce((sum, list) => sum + (list?.length ?? 0), 0);
    const [there, needed] = rawData ? [rawData.length, needs.bytes] : [listed, needs.listed];
    if (there !== needed || (rawData && listed > 0)) {
      const numbers = needed === 0 ? there : (there * count) / needed;
      this.refuse(`${what} has data for ${numbers} numbers and a shape of ${count}; get the file again`);
    }
  }
}
