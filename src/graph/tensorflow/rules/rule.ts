/** The type of a rule, and what rules share. */
import { RxaugError, show } from '../../../core/index.js';
import { type Attribute, type Node, sizesAt, type Value } from '../../graph.js';
import { type, typeOf } from '../attributes.js';
import type { Emitter } from '../emitter.js';

/** Writes a node of a graph and registers its outputs. */
export type Rule = (node: Node, e: Emitter) => void;
export type Rules = Readonly<Record<string, Rule>>;

/** A rule for one output; `write` receives the tensors of the inputs in order. */
export function giving(write: (e: Emitter, names: string[], node: Node) => string): Rule {
  return (node, e) => {
    const names = Object.values(node.inputs).map((value) => e.take(value));
    e.give(node.outputs[0], write(e, names, node));
  };
}

/** An input by its name in tfjs, if it is there. */
export const taken = (e: Emitter, { inputs }: Node, name: string): string | undefined =>
  inputs[name] && e.take(inputs[name]);

/** The type that most operations ask for: that of the first input. */
export const T = ({ inputs }: Node) => ({ T: type(typeOf(Object.values(inputs)[0])) });

export const sizes = ({ shape }: Value): number[] => sizesAt(shape, 0);

/** Axes counted from 0; none given are all of them. */
export function axesOf(axis: Attribute | undefined, { shape }: Value): number[] {
  if (axis === null || axis === undefined) return shape.map((_, i) => i);
  const list = (Array.isArray(axis) ? axis : [axis]) as number[];
  return list.map((each) => (each < 0 ? each + shape.length : each));
}

export function numberAt(node: Node, key: string, otherwise?: number): number {
  const value = node.attributes[key] ?? otherwise;
  if (typeof value === 'number') return value;
  throw refuse(node, `${key} ${show(value)}`);
}

export const listAt = (node: Node, key: string): number[] => node.attributes[key] as number[];

/** The error for a node that a rule cannot write. */
export const refuse = ({ op }: Node, what: string): RxaugError =>
  new RxaugError(`tensorflow: ${op} with ${what} cannot be written; use another operation in its place`);
