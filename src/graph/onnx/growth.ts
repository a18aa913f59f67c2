/**
 * How large the tensors inside a model become: a few bytes of `ConstantOfShape`, thirty times `Concat(x, x)`, or a
 * column plus a row ask for more memory than there is. For a batch of one: exactly where shapes follow from those of
 * the inputs (see shapes/), elsewhere by a lower bound, for what depends on data is taken for no larger than the
 * inputs.
 */
import { show } from '../../core/index.js';
import type { Refuse } from './check.js';
import { type OnnxGraph, type OnnxNode, type OnnxTensor, tensorTypeOf } from './schema.js';
import {
  computed,
  Given,
  type Known,
  LETTERS,
  numbersOf,
  product,
  type Shape,
  shapeOf,
  typeOf,
} from './shapes/index.js';

/** Names of one graph before those around it. Nothing is copied: a small file may have very many inner graphs. */
class Names<T> {
  private readonly own = new Map<string, T>();

  constructor(private readonly outer?: Names<T>) {}

  has(name: string): boolean {
    return this.own.has(name) || (this.outer?.has(name) ?? false);
  }

  get(name: string): T | undefined {
    return this.own.has(name) ? this.own.get(name) : this.outer?.get(name);
  }

  set(name: string, value: T): void {
    this.own.set(name, value);
  }
}

/** What is known of the values of one graph. */
class Values implements Known {
  private readonly shapes: Names<Shape | undefined>;
  private readonly sizes: Names<number>;
  private readonly lists: Names<readonly number[] | undefined>;
  private readonly types: Names<number | undefined>;

  constructor(outer?: Values) {
    this.shapes = new Names(outer?.shapes);
    this.sizes = new Names(outer?.sizes);
    this.lists = new Names(outer?.lists);
    this.types = new Names(outer?.types);
  }

  shape = (name: string) => this.shapes.get(name);
  numbers = (name: string) => this.lists.get(name);
  type = (name: string) => this.types.get(name);
  size = (name: string) => this.sizes.get(name);
  has = (name: string) => this.sizes.has(name);

  set(name: string, size: number, shape?: Shape, numbers?: readonly number[], type?: number): void {
    if (name === '') return; // an optional output that nobody wants
    this.sizes.set(name, size);
    this.shapes.set(name, shape && shape.length <= RANK ? shape : undefined);
    this.lists.set(name, numbers);
    this.types.set(name, type);
  }

  tensor(name: string, tensor: OnnxTensor): void {
    const { dims = [] } = tensor;
    this.set(name, sizeOf(dims), dims, numbersOf(tensor), tensor.dataType);
  }
}

/** Never below 1: an empty tensor would make everything behind it look empty. */
const sizeOf = (shape: Shape): number => product(shape.map((side) => Math.max(1, side)));

/** Beyond this nobody computes, and rules would take long. */
const RANK = 64;

export function growth(graph: OnnxGraph, limit: number, refuse: Refuse): void {
  walk(graph, limit, refuse);
}

/** What grows with its settings and has no rule here. */
const UNTOLD: ReadonlySet<string> = new Set([
  'DFT',
  'ImageDecoder',
  'MelWeightMatrix',
  'STFT',
  'StringSplit',
]);

function walk(graph: OnnxGraph, limit: number, refuse: Refuse, outer?: Values): Values {
  const values = new Values(outer);
  for (const tensor of graph.initializer ?? []) values.tensor(tensor.name ?? '', tensor);
  const initialised = new Set((graph.initializer ?? []).map(({ name }) => name));
  for (const info of graph.input ?? []) {
    const { name = '' } = info;
    const shape = tensorTypeOf(info)?.shape?.dim?.map(({ value }) => Math.max(1, value ?? 1));
    const size = product(shape ?? []);
    if (!(size <= limit))
      refuse(`its input ${show(name)} has ${size} numbers; raise limits.numbers if you trust it`);
    if (!initialised.has(name)) values.set(name, size, shape);
  }
  for (const info of [...(graph.output ?? []), ...(graph.valueInfo ?? [])]) {
    const { name = '' } = info;
    const size = product((tensorTypeOf(info)?.shape?.dim ?? []).map(({ value }) => Math.max(1, value ?? 1)));
    if (!(size <= limit))
      refuse(`says that ${show(name)} has ${size} numbers; raise limits.numbers if you trust it`);
  }
  for (const node of graph.node ?? []) {
    const { attribute = [], input = [], output = [], opType = '' } = node;
    if (UNTOLD.has(opType))
      refuse(`has a ${opType}, of which it cannot be told how much it makes; export it without`);
    if (opType === 'Einsum' && attribute.some(({ s }) => s && s.length > LETTERS))
      refuse(`has an Einsum whose equation is longer than ${LETTERS} letters; export it with a shorter one`);
    // A runtime may sort nodes, or take another of two values; then nothing told here would be true.
    const early = input.find((name) => name !== '' && !values.has(name));
    if (early !== undefined)
      refuse(`its ${opType} takes ${show(early)} before anything makes it; export it in order`);
    const again = output.find((name) => name !== '' && values.has(name));
    if (again !== undefined) refuse(`makes ${show(again)} twice; export it with a name for each value`);
    const branches: Results[] = [];
    for (const { g, graphs = [] } of attribute) {
      for (const inner of g ? [g, ...graphs] : graphs) {
        branches.push(resultsOf(inner, walk(inner, limit, refuse, values)));
      }
    }
    const constant = opType === 'Constant' ? attribute.find(({ t }) => t)?.t : undefined;
    if (constant) {
      values.tensor(output[0] ?? '', constant);
      continue;
    }
    const given = new Given(node, values);
    const least = grown(node, values);
    let last: Shape | undefined;
    output.forEach((name, n) => {
      const made = shapeOf(opType, given, n)?.map((side) => Math.max(1, side));
      // Very many parts of a Split share one.
      const shape = made && last && String(made) === String(last) ? last : made;
      last = shape;
      const size = branches.reduce(
        (most, sizes) => Math.max(most, sizes[n] ?? 1),
        shape ? product(shape) : least,
      );
      if (!(size <= limit)) {
        const sides = shape ? `, ${shape.join('×')}` : '';
        const which = `${opType} ${show(node.name || name)}`;
        refuse(`its ${which} makes ${size} numbers${sides}; raise limits.numbers if you trust it`);
      }
      if (n > 0) values.set(name, size, shape);
      else values.set(name, size, shape, computed(opType, given), typeOf(opType, given));
    });
  }
  return values;
}

/** Sizes of what a branch gives. */
type Results = readonly number[];
const resultsOf = ({ output = [] }: OnnxGraph, values: Values): Results =>
  output.map(({ name = '' }) => values.size(name) ?? 1);

/** A lower bound without the shapes. */
function grown(node: OnnxNode, values: Values): number {
  const { input = [], opType = '', attribute = [] } = node;
  const given = input.map((name) => values.size(name) ?? 1);
  const largest = given.reduce((most, size) => Math.max(most, size), 1);
  const list = (i: number) => (values.numbers(input[i] ?? '') ?? []).map((value) => Math.max(1, value));
  switch (opType) {
    case 'ConstantOfShape':
      return product(list(0));
    case 'Expand':
      return Math.max(largest, product(list(1)));
    case 'Tile':
      return (given[0] ?? 1) * product(list(1));
    case 'Concat':
    case 'SequenceConstruct':
    case 'SequenceInsert':
      return given.reduce((sum, size) => sum + size, 0);
    case 'RandomNormal':
    case 'RandomUniform':
      return sizeOf(attribute.find(({ name }) => name === 'shape')?.ints ?? []);
    case 'Resize':
      return Math.max(product(list(3)), largest * product(list(2)));
    case 'Upsample':
      return largest * product(list(1));
    case 'OneHot':
      return largest * product(list(1));
    case 'NonZero':
      return largest * (values.shape(input[0] ?? '')?.length ?? 1); // the place of each, by axes
    case 'NonMaxSuppression':
      return largest * 3; // batch, class and box of each
    case 'Pad':
      return Math.max(largest, ...list(1));
    case 'Range': {
      const [start = 0, limit = 0, delta = 1] = [0, 1, 2].map((i) => values.numbers(input[i] ?? '')?.[0]);
      return delta === 0 ? 1 : Math.max(1, (limit - start) / delta);
    }
    default:
      return largest;
  }
}
