/** Checks the inputs and outputs of a model against those that the caller expects. */
import { nearest, show } from '../../core/index.js';
import { dtypeOf, nameOf, type OnnxDtype } from './dtypes.js';
import type { Refuse } from './refuse.js';
import { type OnnxGraph, type OnnxTypeInfo, type OnnxValueInfo, tensorTypeOf } from './schema.js';

export type { OnnxDtype } from './dtypes.js';

export interface Port {
  readonly name: string;
  readonly dtype: OnnxDtype;
  /** null for a size that is open in the file; absent if the number of axes is open too. */
  readonly shape?: readonly (number | null)[];
}

export interface Interface {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

export interface ExpectedPort {
  /** null is any size. */
  readonly shape?: readonly (number | null)[];
  readonly dtype?: OnnxDtype;
}

/**
 * Inputs and outputs by name. `inputs` must list every input without a default in the file; `outputs` those that are
 * used. Without them, anything is accepted.
 */
export interface ExpectedInterface {
  readonly inputs?: Readonly<Record<string, ExpectedPort>>;
  readonly outputs?: Readonly<Record<string, ExpectedPort>>;
}

/** With the caller's sizes where the file leaves them open. */
export function checkInterface(graph: OnnxGraph, expectations: ExpectedInterface, refuse: Refuse): Interface {
  // An input that has its value in the file has it as its default, which onnxruntime-node always takes.
  const defaults = new Set((graph.initializer ?? []).map(({ name }) => name));
  const inputs = (graph.input ?? []).filter(({ name }) => !defaults.has(name));
  const given = Object.keys(expectations.inputs ?? {}).find((name) => defaults.has(name));
  if (given !== undefined)
    refuse(`has a value of its own for ${show(given)}, and cannot be given another; remove it from inputs`);
  const { outputs: used } = expectations;
  const outputs = (graph.output ?? []).filter(({ name = '' }) => !used || Object.hasOwn(used, name));
  const names = { inputs: inputs.map(nameIn), outputs: (graph.output ?? []).map(nameIn) };
  for (const [kind, all] of Object.entries(names)) {
    const seen = new Set<string>(); // a hostile file may have very many
    const twice = all.find((name) => seen.size === seen.add(name).size);
    if (twice !== undefined) refuse(`has two ${kind} called ${show(twice)}; export it again`);
    for (const name of Object.keys(expectations[kind as keyof Interface] ?? {})) {
      if (!seen.has(name)) absent(kind.slice(0, -1), name, all, refuse);
    }
  }
  if (names.outputs.length === 0) refuse('gives no outputs; export it again');
  if (expectations.inputs) {
    const more = names.inputs.find((name) => !Object.hasOwn(expectations.inputs as object, name));
    if (more !== undefined) refuse(`has an input ${show(more)} too; describe it in inputs`);
  }
  const port = (kind: 'input' | 'output', info: OnnxValueInfo): Port => {
    const made = portOf(kind, info, refuse);
    const expected = expectations[`${kind}s`]?.[made.name];
    if (expected) compare(kind, made, expected, refuse);
    return narrowed(made, expected);
  };
  return {
    inputs: inputs.map((info) => port('input', info)),
    outputs: outputs.map((info) => port('output', info)),
  };
}

const nameIn = ({ name = '' }: OnnxValueInfo): string => name;

function absent(kind: string, name: string, names: readonly string[], refuse: Refuse): never {
  const near = nearest(name, names);
  const fix = near ? `did you mean ${show(near)}?` : 'name one of those';
  return refuse(`has no ${kind} ${show(name)} but ${few(names)}; ${fix}`);
}

/** Enough of them for a sentence. */
function few(names: readonly string[]): string {
  const shown = names.slice(0, 8).map(show).join(', ');
  return names.length > 8 ? `${shown}, …` : shown || 'none';
}

/** What can be neither given nor read. */
function kindOf(type: OnnxTypeInfo | undefined): string {
  if (type?.sequenceType) return 'a sequence';
  if (type?.mapType) return 'a map';
  if (type?.sparseTensorType) return 'a sparse tensor';
  if (type?.optionalType) return `${kindOf(type.optionalType.elemType)} that may be absent`;
  const elemType = type?.tensorType?.elemType ?? 0;
  return elemType === 0 ? 'of no type' : `a tensor of ${nameOf(elemType)}`;
}

function portOf(kind: 'input' | 'output', info: OnnxValueInfo, refuse: Refuse): Port {
  const { name = '', type } = info;
  // Readers differ in which of two they take.
  if (Object.keys(type ?? {}).length > 1) refuse(`${kind} ${show(name)} is of two types; export it again`);
  const tensor = tensorTypeOf(info);
  const dtype = dtypeOf(tensor?.elemType ?? 0);
  if (!tensor || !dtype) {
    const how = kind === 'input' ? 'be given' : 'be read';
    const use = kind === 'input' ? 'export' : 'name in outputs those that you use, or export';
    return refuse(
      `${kind} ${show(name)} is ${kindOf(type)}, which cannot ${how}; ${use} it as a tensor of float32`,
    );
  }
  const { shape } = tensor;
  const dims = shape?.dim?.map(({ value }) => value ?? null) ?? (shape ? [] : undefined);
  if (dims?.some((side) => side !== null && side < 0)) refuse(`${kind} ${show(name)} has a negative size`);
  return { name, dtype, shape: dims };
}

function compare(kind: string, port: Port, expected: ExpectedPort, refuse: Refuse): void {
  const { name, dtype, shape } = port;
  if (expected.dtype && expected.dtype !== dtype)
    refuse(`${kind} ${show(name)} is ${dtype} and not ${expected.dtype}`);
  if (!expected.shape || !shape) return;
  const fits =
    shape.length === expected.shape.length &&
    shape.every((side, i) => side === null || expected.shape?.[i] === null || side === expected.shape?.[i]);
  // A fixed batch in the file is not the open one that was asked for.
  const open = expected.shape[0] === null && shape[0] !== null && shape.length > 0;
  if (!fits || open) {
    const print = (dims: readonly (number | null)[]) => `[${dims.map((side) => side ?? 'any').join(', ')}]`;
    refuse(
      `${kind} ${show(name)} has the shape ${print(shape)} and not ${print(expected.shape)}; ${open && fits ? 'export it with an open batch' : 'give its own'}`,
    );
  }
}

function narrowed(port: Port, expected?: ExpectedPort): Port {
  const shape = port.shape?.map((side, i) => side ?? expected?.shape?.[i] ?? null) ?? expected?.shape;
  return { ...port, shape };
}
