/** What a rule for shapes has before it: one node, with what is known of its inputs. */
import type { OnnxAttribute, OnnxNode, OnnxTensor } from '../schema.js';

export type Shape = readonly number[];

/** What is known by the name of a value. */
export interface Known {
  shape(name: string): Shape | undefined;
  /** Of a short list of numbers, such as a shape. */
  numbers(name: string): readonly number[] | undefined;
  /** TensorProto.DataType of that list. */
  type(name: string): number | undefined;
}

/** Of attributes that are words or equations; ONNX itself has none that is longer. */
export const LETTERS = 256;

export class Given {
  private readonly attributes: ReadonlyMap<string, OnnxAttribute>;

  constructor(
    private readonly node: OnnxNode,
    private readonly known: Known,
  ) {
    this.attributes = new Map((node.attribute ?? []).map((each) => [each.name ?? '', each]));
  }

  /** Of inputs. */
  get count(): number {
    return this.node.input?.length ?? 0;
  }

  get outputs(): number {
    return this.node.output?.length ?? 0;
  }

  /** Of input i; optional ones that are left out have none. */
  shape(i: number): Shape | undefined {
    const name = this.node.input?.[i];
    return name ? this.known.shape(name) : undefined;
  }

  numbers(i: number): readonly number[] | undefined {
    const name = this.node.input?.[i];
    return name ? this.known.numbers(name) : undefined;
  }

  type(i: number): number | undefined {
    const name = this.node.input?.[i];
    return name ? this.known.type(name) : undefined;
  }

  int(name: string, otherwise: number): number {
    return this.attribute(name)?.i ?? otherwise;
  }

  ints(name: string): readonly number[] | undefined {
    return this.attribute(name)?.ints;
  }

  text(name: string): string | undefined {
    const bytes = this.attribute(name)?.s;
    return bytes && bytes.length <= LETTERS ? Buffer.from(bytes).toString('latin1') : undefined;
  }

  tensor(name: string): OnnxTensor | undefined {
    return this.attribute(name)?.t;
  }

  attribute(name: string): OnnxAttribute | undefined {
    return this.attributes.get(name);
  }

  /** A setting that newer versions of an operator have as an input and older ones as an attribute. */
  setting(i: number, name: string): readonly number[] | undefined {
    return this.count > i && this.node.input?.[i] ? this.numbers(i) : this.ints(name);
  }

  /** Whether such a setting is given, known or not. */
  has(i: number, name: string): boolean {
    return Boolean(this.node.input?.[i]) || this.attribute(name) !== undefined;
  }
}

/** Of output n; undefined where it cannot be told, or makes no sense. */
export type ShapeRule = (given: Given, n: number) => Shape | undefined;
export type ShapeRules = Readonly<Record<string, ShapeRule>>;

export const product = (sides: readonly number[]): number => sides.reduce((all, side) => all * side, 1);

/** An axis counted from the front. */
export const axisOf = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

/** The same rule for several operators. */
export const alike = (names: string, rule: ShapeRule): ShapeRules =>
  Object.fromEntries(names.split(' ').map((name) => [name, rule]));
