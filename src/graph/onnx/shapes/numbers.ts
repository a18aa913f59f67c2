/** Short lists of numbers that are computed, as exporters compute shapes: `Shape`, `Gather`, `Concat`, arithmetic. */
import type { OnnxTensor } from '../schema.js';
import { type Given, product } from './rule.js';

type Numbers = readonly number[];

/** No shape has so many sides. */
export const LONGEST = 64;

/** Of a short list of int64 or int32, such as a shape; of float32 scales too. */
export function numbersOf({ dataType, dims = [], rawData, int64Data, int32Data, floatData }: OnnxTensor) {
  if (product(dims) > LONGEST) return undefined;
  if (!rawData) return int64Data ?? int32Data ?? floatData;
  const view = new DataView(rawData.buffer, rawData.byteOffset, rawData.byteLength);
  const read = { 1: 4, 6: 4, 7: 8 }[dataType ?? 0];
  if (!read) return undefined;
  return Array.from({ length: Math.floor(rawData.length / read) }, (_, i) => {
    if (dataType === 7) return Number(view.getBigInt64(8 * i, true));
    return dataType === 6 ? view.getInt32(4 * i, true) : view.getFloat32(4 * i, true);
  });
}

/** By TensorProto.DataType. */
const FLOATS: ReadonlySet<number> = new Set([1, 10, 11, 16]);

const same = (given: Given) => given.numbers(0);
const each =
  (f: (x: number) => number) =>
  (given: Given): Numbers | undefined =>
    given.numbers(0)?.map(f);
const pairwise =
  (f: (x: number, y: number) => number) =>
  (given: Given): Numbers | undefined => {
    const [a, b] = [given.numbers(0), given.numbers(1)];
    if (!a || !b || (a.length !== b.length && a.length !== 1 && b.length !== 1)) return undefined;
    const length = a.length === 1 ? b.length : a.length;
    return Array.from({ length }, (_, i) => f(a[i % a.length], b[i % b.length]));
  };

const rules: Readonly<Record<string, (given: Given) => Numbers | undefined>> = {
  Shape: (given) => given.shape(0)?.slice(given.int('start', 0), given.attribute('end')?.i),
  Size(given) {
    const x = given.shape(0);
    return x && [product(x)];
  },
  Identity: same,
  Reshape: same,
  Flatten: same,
  Squeeze: same,
  Unsqueeze: same,
  Cast: (given) => given.numbers(0)?.map(FLOATS.has(given.int('to', 1)) ? (x) => x : Math.trunc),
  Neg: each((x) => -x),
  Floor: each(Math.floor),
  Ceil: each(Math.ceil),
  Add: pairwise((x, y) => x + y),
  Sub: pairwise((x, y) => x - y),
  Mul: pairwise((x, y) => x * y),
  Div: pairwise((x, y) => (Number.isInteger(x) && Number.isInteger(y) ? Math.trunc(x / y) : x / y)),
  ReduceProd(given) {
    const list = given.numbers(0);
    return list && [product(list)];
  },
  Concat(given) {
    const out: number[] = [];
    for (let i = 0; i < given.count; i++) {
      const list = given.numbers(i);
      if (!list || out.length + list.length > LONGEST) return undefined;
      out.push(...list);
    }
    return out;
  },
  Gather(given) {
    const [list, at] = [given.numbers(0), given.numbers(1)];
    return list && at?.map((i) => list.at(i) ?? Number.NaN);
  },
  Slice(given) {
    const [list, starts, ends] = [given.numbers(0), given.setting(1, 'starts'), given.setting(2, 'ends')];
    if (!list || starts?.length !== 1 || ends?.length !== 1 || given.has(4, 'steps')) return undefined;
    return list.slice(starts[0], ends[0]);
  },
  ConstantOfShape(given) {
    const length = product(given.numbers(0) ?? [Number.NaN]);
    if (!Number.isInteger(length) || length < 0 || length > LONGEST) return undefined;
    const value = given.tensor('value');
    return Array<number>(length).fill(value ? (numbersOf(value)?.[0] ?? Number.NaN) : 0);
  },
  Constant: (given) => given.ints('value_ints') ?? given.attribute('value_floats')?.floats ?? oneOf(given),
};

function oneOf(given: Given): Numbers | undefined {
  const value = given.attribute('value_int')?.i ?? given.attribute('value_float')?.f;
  return value === undefined ? undefined : [value];
}

/** What a node computes, where it is such a list and known. */
export function computed(opType: string, given: Given): Numbers | undefined {
  if (!Object.hasOwn(rules, opType)) return undefined;
  const list = rules[opType](given);
  return list && list.length <= LONGEST && list.every(Number.isFinite) ? list : undefined;
}
