/** What a model takes and gives, against what the caller counts on. */
import { nearest, show } from '../../core/index.js';
import type { Refuse } from './check.js';
import type { OnnxGraph, OnnxValueInfo } from './schema.js';

/** TensorProto.DataType → the types that a model may take and give. */
const TYPES = { 1: 'float32', 2: 'uint8', 6: 'int32', 7: 'int64', 9: 'bool' } as const;
export type OnnxDtype = (typeof TYPES)[keyof typeof TYPES];

export interface Port {
  readonly name: string;
  readonly dtype: OnnxDtype;
  /** null where the file leaves a size open; nothing at all where it does not say how many axes there are. */
  readonly shape?: readonly (number | null)[];
}

export interface Interface {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

export interface Wish {
  /** null stands for any size. */
  readonly shape?: readonly (number | null)[];
  readonly dtype?: OnnxDtype;
}

/** By name. Every input must be told of; of the outputs those that are wanted. Without them, anything goes. */
export interface Wishes {
  readonly inputs?: Readonly<Record<string, Wish>>;
  readonly outputs?: Readonly<Record<string, Wish>>;
}

/** With the caller's sizes where the file leaves them open. */
export function checkInterface(graph: OnnxGraph, wishes: Wishes, refuse: Refuse): Interface {
  const constants = new Set((graph.initializer ?? []).map(({ name }) => name));
  const inputs = (graph.input ?? []).filter(({ name }) => !constants.has(name));
  const ports = {
    inputs: inputs.map((info) => portOf('input', info, refuse)),
    outputs: (graph.output ?? []).map((info) => portOf('output', info, refuse)),
  };
  for (const [kind, list] of Object.entries(ports)) {
    const names = list.map(({ name }) => name);
    const seen = new Set<string>(); // a hostile file may have very many
    const twice = names.find((name) => seen.size === seen.add(name).size);
    if (twice !== undefined) refuse(`has two ${kind} called ${show(twice)}; export it again`);
    const wanted = wishes[kind as keyof Interface];
    for (const [name, wish] of Object.entries(wanted ?? {})) {
      const port = list.find((each) => each.name === name);
      if (port) compare(kind.slice(0, -1), port, wish, refuse);
      else {
        const near = nearest(name, names);
        refuse(
          `has no ${kind.slice(0, -1)} ${show(name)} but ${few(names)}${near ? `; did you mean ${show(near)}?` : '; name one of those'}`,
        );
      }
    }
    if (kind === 'inputs' && wanted) {
      const more = names.find((name) => !Object.hasOwn(wanted, name));
      if (more !== undefined) refuse(`has an input ${show(more)} too; say what it is in inputs`);
    }
  }
  if (ports.outputs.length === 0) refuse('gives no outputs; export it again');
  return {
    inputs: ports.inputs.map((port) => narrowed(port, wishes.inputs?.[port.name])),
    outputs: ports.outputs
      .filter(({ name }) => !wishes.outputs || Object.hasOwn(wishes.outputs, name))
      .map((port) => narrowed(port, wishes.outputs?.[port.name])),
  };
}

/** Enough of them for a sentence. */
function few(names: readonly string[]): string {
  const shown = names.slice(0, 8).map(show).join(', ');
  return names.length > 8 ? `${shown}, …` : shown || 'none';
}

function portOf(kind: string, { name = '', type }: OnnxValueInfo, refuse: Refuse): Port {
  const { elemType = 0, shape } = type?.tensorType ?? {};
  const dtype = (TYPES as Readonly<Record<number, OnnxDtype>>)[elemType];
  if (!type?.tensorType || !dtype) {
    return refuse(
      `${kind} ${show(name)} is not a tensor of ${Object.values(TYPES).join(', ')}; export it with float32`,
    );
  }
  const dims = shape?.dim?.map(({ value }) => value ?? null) ?? (shape ? [] : undefined);
  if (dims?.some((side) => side !== null && side < 0)) refuse(`${kind} ${show(name)} has a negative size`);
  return { name, dtype, shape: dims };
}

function compare(kind: string, port: Port, wish: Wish, refuse: Refuse): void {
  const { name, dtype, shape } = port;
  if (wish.dtype && wish.dtype !== dtype) refuse(`${kind} ${show(name)} is ${dtype} and not ${wish.dtype}`);
  if (!wish.shape || !shape) return;
  const fits =
    shape.length === wish.shape.length &&
    shape.every((side, i) => side === null || wish.shape?.[i] === null || side === wish.shape?.[i]);
  // A fixed batch in the file is not the open one that was asked for.
  const open = wish.shape[0] === null && shape[0] !== null && shape.length > 0;
  if (!fits || open) {
    const told = (dims: readonly (number | null)[]) => `[${dims.map((side) => side ?? 'any').join(', ')}]`;
    refuse(
      `${kind} ${show(name)} has the shape ${told(shape)} and not ${told(wish.shape)}; ${open && fits ? 'export it with an open batch' : 'give its own'}`,
    );
  }
}

function narrowed(port: Port, wish?: Wish): Port {
  const shape = port.shape?.map((side, i) => side ?? wish?.shape?.[i] ?? null) ?? wish?.shape;
  return { ...port, shape };
}
