/**
 * How large the tensors inside a model must become at least, as far as constants tell: a few bytes of
 * `ConstantOfShape`, or thirty times `Concat(x, x)`, ask for more memory than there is. A lower bound for a batch
 * of one: what depends on other data is taken for no larger than the inputs.
 */
import { show } from '../../core/index.js';
import type { Refuse } from './check.js';
import type { OnnxGraph, OnnxNode, OnnxTensor } from './schema.js';

/** Names of one graph before those around it. Nothing is copied: a small file may have very many inner graphs. */
class Names<T> {
  private readonly own = new Map<string, T>();

  constructor(private readonly outer?: Names<T>) {}

  get(name: string): T | undefined {
    return this.own.get(name) ?? this.outer?.get(name);
  }

  set(name: string, value: T): void {
    this.own.set(name, value);
  }
}

type Sizes = Names<number>;
type Integers = Names<readonly number[]>;

export function growth(graph: OnnxGraph, limit: number, refuse: Refuse): void {
  walk(graph, limit, refuse);
}

function walk(
  graph: OnnxGraph,
  limit: number,
  refuse: Refuse,
  outerSizes?: Sizes,
  outerIntegers?: Integers,
): void {
  const sizes: Sizes = new Names(outerSizes);
  const integers: Integers = new Names(outerIntegers);
  const know = (name: string, tensor: OnnxTensor) => {
    sizes.set(name, product(tensor.dims ?? []));
    const values = integersOf(tensor);
    if (values) integers.set(name, values);
  };
  for (const tensor of graph.initializer ?? []) know(tensor.name ?? '', tensor);
  for (const { name = '', type } of graph.input ?? []) {
    const dims = type?.tensorType?.shape?.dim ?? [];
    const size = product(dims.map(({ value }) => Math.max(1, value ?? 1)));
    if (size > limit)
      refuse(`its input ${show(name)} has ${size} numbers; raise limits.numbers if you trust it`);
    if (sizes.get(name) === undefined) sizes.set(name, size);
  }
  for (const { name = '', type } of [...(graph.output ?? []), ...(graph.valueInfo ?? [])]) {
    const size = product((type?.tensorType?.shape?.dim ?? []).map(({ value }) => Math.max(1, value ?? 1)));
    if (size > limit)
      refuse(`says that ${show(name)} has ${size} numbers; raise limits.numbers if you trust it`);
  }
  for (const node of graph.node ?? []) {
    const { attribute = [], output = [], opType } = node;
    for (const { g, graphs = [] } of attribute) {
      for (const inner of g ? [g, ...graphs] : graphs) walk(inner, limit, refuse, sizes, integers);
    }
    const constant = opType === 'Constant' ? attribute.find(({ t }) => t)?.t : undefined;
    if (constant) know(output[0] ?? '', constant);
    const ints =
      opType === 'Constant' ? attribute.find(({ name }) => name === 'value_ints')?.ints : undefined;
    if (ints) integers.set(output[0] ?? '', ints);
    const size = constant ? product(constant.dims ?? []) : grown(node, sizes, integers);
    if (size > limit) {
      refuse(`its ${opType} makes ${size} numbers; raise limits.numbers if you trust it`);
    }
    for (const name of output) sizes.set(name, size);
  }
}

function grown(node: OnnxNode, sizes: Sizes, integers: Integers): number {
  const { input = [], opType = '', attribute = [] } = node;
  const given = input.map((name) => sizes.get(name) ?? 1);
  const largest = Math.max(1, ...given);
  const list = (i: number) => (integers.get(input[i] ?? '') ?? []).map((value) => Math.max(1, value));
  switch (opType) {
    case 'ConstantOfShape':
      return product(list(0));
    case 'Expand':
      return Math.max(largest, product(list(1)));
    case 'Tile':
      return (given[0] ?? 1) * product(list(1));
    case 'Concat':
      return given.reduce((sum, size) => sum + size, 0);
    case 'RandomNormal':
    case 'RandomUniform':
      return product(attribute.find(({ name }) => name === 'shape')?.ints ?? []);
    case 'Resize':
      return Math.max(product(list(3)), largest * product(list(2)));
    case 'Upsample':
      return largest * product(list(1));
    case 'OneHot':
      return largest * product(list(1));
    case 'Pad':
      return Math.max(largest, ...list(1));
    case 'Range': {
      const [start = 0, limit = 0, delta = 1] = [0, 1, 2].map((i) => integers.get(input[i] ?? '')?.[0]);
      return Math.max(1, (limit - start) / delta);
    }
    default:
      return largest;
  }
}

const product = (sides: readonly number[]): number => sides.reduce((all, side) => all * side, 1);

/** Of a short list of int64 or int32, such as a shape; of float32 scales too. */
function integersOf({ dataType, dims = [], rawData, int64Data, int32Data, floatData }: OnnxTensor) {
  if (product(dims) > 64) return undefined;
  if (!rawData) return int64Data ?? int32Data ?? floatData;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  const read = { 1: 4, 6: 4, 7: 8 }[dataType ?? 0];
  if (!read) return undefined;
  return Array.from({ length: Math.floor(rawData.length / read) }, (_, i) => {
    if (dataType === 7) return Number(view.getBigInt64(8 * i, true));
    return dataType === 6 ? view.getInt32(4 * i, true) : view.getFloat32(4 * i, true);
  });
}
