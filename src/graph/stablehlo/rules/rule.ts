/** The type of a rule, and functions that rules share. */
import { RxaugError, show } from '../../../core/index.js';
import type { Attributes, Node, Numbers } from '../../graph.js';
import type { Builder } from '../builder.js';
import type { Hlo, TensorType } from '../types.js';

/** A node of a graph with its inputs written. */
export interface Call {
  readonly op: string;
  readonly inputs: Readonly<Record<string, Hlo>>;
  /** The inputs in order. */
  readonly list: readonly Hlo[];
  readonly attributes: Attributes;
  /** The types of the results. */
  readonly outputs: readonly TensorType[];
  /** The first of them. */
  readonly output: TensorType;
  /** The numbers of an input, if it is a constant. */
  readonly known: (input: string) => Numbers | undefined;
}

/** Writes a node and returns what it makes. */
export type Rule = (h: Builder, call: Call) => Hlo | readonly Hlo[];
export type Rules = Readonly<Record<string, Rule>>;

/** Axes of an attribute that is a number, a list or absent (all of them), counted from 0. */
export function axesOf(axis: unknown, rank: number): number[] {
  if (axis === null || axis === undefined) return Array.from({ length: rank }, (_, i) => i);
  return [axis].flat().map((each) => axisOf(each, rank));
}

/** An axis counted from 0. */
export function axisOf(axis: unknown, rank: number): number {
  const given = Number(axis ?? 0);
  return given < 0 ? given + rank : given;
}

export function numberAt(call: Call, key: string, otherwise?: number): number {
  const value = call.attributes[key] ?? otherwise;
  if (typeof value === 'number') return value;
  throw refuse(call, `${key} ${show(value)}`);
}

/** A list of numbers; a number alone is a list of one. */
export const numbersAt = ({ attributes }: Call, key: string): number[] =>
  [attributes[key]].flat() as number[];

/** The error for a node that a rule cannot write. */
export function refuse({ op }: Pick<Node, 'op'>, what: string): RxaugError {
  return new RxaugError(
    `stablehlo: ${op} with ${what} cannot be written; use another operation in its place`,
  );
}
