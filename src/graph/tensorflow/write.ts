import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expected, show, UsageError } from '../../core/index.js';
import { type Graph, hasBatch, sizesAt, type Value } from '../graph.js';
import { encode } from '../protobuf.js';
import { shape, type, typeOf } from './attributes.js';
import { Emitter } from './emitter.js';
import { NoRuleError } from './no-rule.js';
import { rules } from './rules/index.js';
import {
  dataTypes,
  type NodeDef,
  type SavedModelDef,
  type SignatureDef,
  savedModel,
  shapeDef,
  type TensorDef,
} from './schema.js';

/** The version of graphs that is written, which TensorFlow reads since 2.8. */
const PRODUCER = 1087;

/** The tag of the one graph in the file. */
export const TAG = 'serve';

/** The output that every function has: it is there when all variables have been assigned. */
export const DONE = '';

/**
 * Writes functions that share variables as a SavedModel of TensorFlow, into `saved_model.pb` of a directory. It has a
 * signature for each function, and two more: `assign`, whose inputs become the values of all variables, and `read`, whose
 * outputs are those values. A variable has no value before `assign`.
 *
 * In a function an input with the name of a variable is the variable, an output with such a name its next value. All
 * are read before they are assigned.
 *
 * @param functions graphs by name, with fixed sizes
 * @throws NoRuleError that names the kernel, if no rule writes it; UsageError for an open batch or a wrong name
 */
export function writeSavedModel(
  directory: string,
  functions: Readonly<Record<string, Graph>>,
  variables: readonly Value[],
): void {
  const bytes = savedModelOf(functions, variables);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, 'saved_model.pb'), bytes);
}

export function savedModelOf(
  functions: Readonly<Record<string, Graph>>,
  variables: readonly Value[],
): Uint8Array {
  const handles = new Handles(variables);
  const nodes: NodeDef[] = [...handles.nodes];
  const signatures: { key: string; value: SignatureDef }[] = [];
  const all = { ...functions, assign: assigning(variables), read: reading(variables) };
  for (const [key, graph] of Object.entries(all)) {
    if (!/^[a-z]\w*$/i.test(key) || (key in functions && (key === 'assign' || key === 'read'))) {
      throw new UsageError(
        expected('tensorflow', "functions with names of letters, other than 'assign' and 'read'", key),
      );
    }
    const written = writeFunction(key, graph, handles);
    for (const node of written.nodes) nodes.push(node);
    signatures.push({ key, value: written.signature });
  }
  const file: SavedModelDef = {
    version: 1,
    metaGraphs: [
      { info: { tags: [TAG] }, graph: { node: nodes, versions: { producer: PRODUCER } }, signatures },
    ],
  };
  return encode(savedModel, file as never);
}

/** The variables of a session. */
class Handles {
  readonly nodes: NodeDef[] = [];
  private readonly handles = new Map<string, { readonly name: string; readonly value: Value }>();

  constructor(variables: readonly Value[]) {
    const emitter = new Emitter('variable', []);
    for (const value of variables) {
      if (this.handles.has(value.name))
        throw new UsageError(`tensorflow: two variables are named ${show(value.name)}; rename one`);
      if (value.name.endsWith('='))
        throw new UsageError(
          `tensorflow: ${show(value.name)}: a name of a variable must not end in '='; rename it`,
        );
      const name = emitter.node('VarHandleOp', [], {
        shared_name: { s: Buffer.from(value.name) },
        dtype: type(typeOf(value)),
        shape: shape(fixed(value)),
      });
      this.handles.set(value.name, { name, value });
    }
    this.nodes = emitter.nodes;
  }

  /** Checks that a value of a graph can be the variable of its name. */
  of(name: string, value: Value): string | undefined {
    const handle = this.handles.get(name);
    if (!handle) return undefined;
    const [here, there] = [value, handle.value].map((each) => `${each.dtype} [${each.shape}]`);
    if (here === there) return handle.name;
    throw new UsageError(expected(`tensorflow: '${name}'`, `a variable of ${there}`, here));
  }
}

function writeFunction(
  key: string,
  graph: Graph,
  handles: Handles,
): { nodes: NodeDef[]; signature: SignatureDef } {
  const e = new Emitter(key, [...graph.params, ...graph.constants]);
  const inputs: { key: string; value: TensorDef }[] = [];
  const reads = new Map<string, string>();
  for (const value of graph.inputs) {
    const handle = handles.of(value.name, value);
    const dtype = type(typeOf(value));
    if (handle !== undefined) {
      const read = e.node('ReadVariableOp', [handle], { dtype });
      reads.set(value.name, read);
      e.give(value, read);
    } else {
      const name = e.node(
        'Placeholder',
        [],
        { dtype, shape: shape(fixed(value)) },
        `${key}/in${inputs.length}`,
      );
      e.give(value, name);
      inputs.push({ key: value.name, value: described(name, value) });
    }
  }
  for (const node of graph.nodes) {
    const rule = Object.hasOwn(rules, node.op) ? rules[node.op] : undefined;
    if (!rule) throw new NoRuleError(node.op, Object.keys(rules));
    rule(node, e);
  }
  const assigned: string[] = [];
  const fetched: [string, Value][] = [];
  for (const [name, value] of Object.entries(graph.outputs)) {
    const handle = handles.of(name, value);
    if (handle === undefined) fetched.push([name, value]);
    else {
      const tensor = e.take(value);
      const read = reads.get(name);
      if (tensor === read) continue; // it stays as it is
      const own = isInput(e, tensor) ? e.node('DeepCopy', [tensor], { T: type(typeOf(value)) }) : tensor;
      const after = read === undefined ? [] : [`^${read}`];
      assigned.push(e.node('AssignVariableOp', [handle, own, ...after], { dtype: type(typeOf(value)) }));
    }
  }
  const done = e.node(
    'NoOp',
    assigned.map((name) => `^${name}`),
    {},
  );
  const outputs = fetched.map(([name, value], i) => {
    const tensor = e.take(value);
    const T = type(typeOf(value));
    const output = e.node('Identity', [tensor, `^${done}`], { T }, `${key}/out${i}`);
    return { key: name, value: described(output, value) };
  });
  const finished = e.node(
    'Identity',
    [e.scalar('int32', 0), `^${done}`],
    { T: type('int32') },
    `${key}/done`,
  );
  outputs.push({ key: DONE, value: { name: `${finished}:0`, dtype: dataTypes.int32, shape: shapeDef([]) } });
  return { nodes: e.nodes, signature: { inputs, outputs, methodName: key } };
}

/** Operations whose outputs may be the very memory of an input. */
const SHARING = new Set([
  ...['AddN', 'All', 'Any', 'ConcatV2', 'Einsum', 'Max', 'Mean', 'Min', 'MirrorPad', 'Pack', 'PadV2', 'Prod'],
  ...['Reshape', 'ReverseV2', 'Select', 'Slice', 'SplitV', 'StridedSlice', 'Sum', 'Tile', 'Transpose'],
  'Unpack',
]);

/** Operations that TensorFlow leaves out where one side is a constant that changes nothing, such as 0 in a sum. */
const ARITHMETIC = new Set(['AddV2', 'Mul', 'Pow', 'RealDiv', 'Sub']);
const CONSTANTS = new Set(['Const', 'Fill', 'OnesLike', 'ZerosLike']);

/**
 * Whether a tensor may be the memory of an input. tfjs lends TensorFlow the memory of JavaScript's arrays, which must be
 * returned on the thread of JavaScript: a variable, whose value is replaced on any thread, needs a copy.
 */
function isInput(e: Emitter, tensor: string, seen = new Set<string>()): boolean {
  if (seen.has(tensor)) return false; // answered already
  seen.add(tensor);
  const { op, input } = e.made(tensor);
  const passes =
    SHARING.has(op) || (ARITHMETIC.has(op) && input.some((name) => CONSTANTS.has(e.made(name).op)));
  return op === 'Placeholder' || (passes && input.some((name) => isInput(e, name, seen)));
}

function fixed(value: Value): number[] {
  if (hasBatch(value.shape)) {
    throw new UsageError(
      expected(
        `tensorflow: '${value.name}'`,
        'fixed sizes',
        value.shape,
        'trace with the batch size as a number',
      ),
    );
  }
  return sizesAt(value.shape, 0);
}

const described = (name: string, value: Value): TensorDef => ({
  name: `${name}:0`,
  dtype: dataTypes[typeOf(value)],
  shape: shapeDef(fixed(value)),
});

const NOTHING = { params: [], constants: [], nodes: [] };

/** Its inputs become the variables. An input must not have the name of a variable, which it would read. */
function assigning(variables: readonly Value[]): Graph {
  const given = variables.map((value) => ({ ...value, name: `${value.name}=` }));
  const outputs = Object.fromEntries(variables.map(({ name }, i) => [name, given[i]]));
  return { ...NOTHING, inputs: given, outputs };
}

/** Its outputs are the variables, under names that are not theirs. */
function reading(variables: readonly Value[]): Graph {
  const outputs = Object.fromEntries(variables.map((value) => [`${value.name}=`, value]));
  return { ...NOTHING, inputs: variables, outputs };
}
