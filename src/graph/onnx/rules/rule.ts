/** The type of a rule, and functions that rules share. */
import { RxaugError, show } from '../../../core/index.js';
import type { Attribute, Node, Size, Value } from '../../graph.js';
import { type Emitter, imageAxis } from '../emitter.js';
import type { OnnxType } from '../schema.js';

/** Writes a node of a graph and registers its outputs. */
export type Rule = (node: Node, e: Emitter) => void;
export type Rules = Readonly<Record<string, Rule>>;

/** Values in the layout that suits a node best, and how to give what it makes of them. */
interface Suited {
  readonly images: boolean;
  readonly names: string[];
  give(name: string): void;
}

/** As images, if one of them is there as such and the output has four axes. */
export function suited(e: Emitter, values: readonly Value[], output: Value): Suited {
  const images = output.shape.length === 4 && values.some((value) => e.hasImages(value));
  return {
    images,
    names: values.map((value) => (images ? e.takeImages(value) : e.take(value))),
    give: (name) => (images ? e.giveImages(output, name) : e.give(output, name)),
  };
}

/** A rule for an elementwise operation; `write` receives the names of the inputs in order. */
export function eachNumber(write: (e: Emitter, names: string[], node: Node) => string): Rule {
  return (node, e) => {
    const { names, give } = suited(e, Object.values(node.inputs), node.outputs[0]);
    give(write(e, names, node));
  };
}

export const typeOf = ({ dtype }: Value): OnnxType => dtype as OnnxType;

export const rank = ({ shape }: Value): number => shape.length;

/** An axis counted from 0. */
export const axisOf = (axis: Attribute | undefined, { shape }: Value): number => {
  const given = Number(axis ?? 0);
  return given < 0 ? given + shape.length : given;
};

/** The axis of a value, or of its images. */
export const axisIn = (images: boolean, axis: number): number => (images ? imageAxis[axis] : axis);

/** A list with one entry an axis in the order of the layout. */
export function inLayout<T>(images: boolean, list: readonly T[]): T[] {
  return images ? [list[0], list[3], list[1], list[2]] : [...list];
}

export function numberAt(node: Node, key: string, otherwise?: number): number {
  const value = node.attributes[key] ?? otherwise;
  if (typeof value === 'number') return value;
  throw refuse(node, `${key} ${show(value)}`);
}

export const sizeList = (node: Node, key: string): Size[] => node.attributes[key] as Size[];

/** The error for a node that a rule cannot write. */
export function refuse({ op }: Node, what: string): RxaugError {
  return new RxaugError(`onnx: ${op} with ${what} cannot be written; use another operation in its place`);
}
