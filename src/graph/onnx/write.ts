import { z } from 'zod';
import { nearest, parseOptions, RxaugError } from '../../core/index.js';
import { foldConstants } from '../clean.js';
import { type Graph, isOpen, type Size, type Value } from '../graph.js';
import { encode } from '../protobuf.js';
import { Emitter } from './emitter.js';
import { rules } from './rules/index.js';
import { dataTypes, model, type OnnxModel, type OnnxType, type OnnxValueInfo } from './schema.js';

const IR_VERSION = 8;
const OPSET = 18;

/** Options of `writeOnnx`. */
export interface WriteOptions {
  /** Of the graph, for people. */
  readonly name?: string;
  /** Kept in the file as `metadata_props`: class names, what the pixels are. */
  readonly metadata?: Readonly<Record<string, string>>;
}

const optionsSchema = z.strictObject({
  name: z.string().default('rxaug'),
  metadata: z.record(z.string(), z.string()).default({}),
});

/**
 * Writes a graph as an ONNX model: IR version 8, opset 18, which onnxruntime reads since 1.14. The open batch axis becomes
 * the symbolic dimension 'batch'. Images keep the layout [B, H, W, C] of the function. Parameters become constants: all
 * that follows from them alone is computed now.
 *
 * @param graph of `traceFunction`
 * @param options `name` of the graph (default 'rxaug'), `metadata` (texts by key)
 * @returns the bytes of the file
 * @throws RxaugError that names the kernel, if no rule writes it; UsageError for an option that is none
 *
 * @example
 * const { tf } = await loadBackend('cpu');
 * const graph = traceFunction(({ x }) => tf.relu(x), { inputs: [{ name: 'x', shape: [null, 3] }] });
 * writeOnnx(graph, { metadata: { author: 'me' } }) instanceof Uint8Array // → true
 */
export function writeOnnx(graph: Graph, options: WriteOptions = {}): Uint8Array {
  const { name, metadata } = parseOptions('onnx', optionsSchema, options);
  const { inputs, params, constants, nodes, outputs } = foldConstants(graph);
  const emitter = new Emitter(inputs, [...params, ...constants], Object.keys(outputs));
  for (const node of nodes) {
    const rule = Object.hasOwn(rules, node.op) ? rules[node.op] : undefined;
    if (!rule) throw new RxaugError(unknown(node.op));
    rule(node, emitter);
  }
  for (const [key, value] of Object.entries(outputs))
    emitter.ops('Identity', [emitter.take(value)], {}, [key]);
  const file: OnnxModel = {
    irVersion: IR_VERSION,
    producerName: 'rxaug',
    opsetImport: [{ domain: '', version: OPSET }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: {
      name,
      node: emitter.nodes,
      initializer: emitter.initializers,
      input: inputs.map((value) => describe(value.name, value)),
      output: Object.entries(outputs).map(([key, value]) => describe(key, value)),
    },
  };
  return encode(model, file as never);
}

function describe(name: string, { dtype, shape }: Value): OnnxValueInfo {
  const dim = shape.map((size) => (isOpen(size) ? { param: param(size) } : { value: size as number }));
  return { name, type: { tensorType: { elemType: dataTypes[dtype as OnnxType], shape: { dim } } } };
}

const param = (size: Exclude<Size, number>) => (size.batch === 1 ? 'batch' : `${size.batch}*batch`);

function unknown(op: string): string {
  const near = nearest(op, Object.keys(rules));
  return `onnx: no rule writes the kernel '${op}'${near ? ` (there is one for ${near})` : ''}; use operations that have one, or add a rule to src/graph/onnx/rules`;
}
