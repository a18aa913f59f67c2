/** Short lists of numbers that are computed, as exporters compute shapes: `Shape`, `Gather`, `Concat`, arithmetic. */
import type { OnnxTensor } from '../schema.js';
import { type Given, product } from './rule.js';

type Numbers = readonly number[];

/** No shape has so many sides. */
export const LONGEST = 64;

/** TensorProto.DataType of the lists that are followed. Of others, such as halves, the numbers are not known. */
const [FLOAT, INT, LONG, DOUBLE] = [1, 6, 7, 11];
const WIDTHS: Readonly<Record<number, number>> = { [FLOAT]: 4, [INT]: 4, [LONG]: 8, [DOUBLE]: 8 };

/** Of a short list of integers, such as a shape; of scales too. */
export function numbersOf(tensor: OnnxTensor): Numbers | undefined {
  const { dataType = 0, dims = [], rawData } = tensor;
  const count = product(dims);
  if (!(count <= LONGEST) || !Object.hasOwn(WIDTHS, dataType)) return undefined;
  const list = rawData ? unpacked(rawData, dataType) : listed(tensor, dataType);
  return list.length === count && list.every((value) => readable(value, dataType)) ? list : undefined;
}

function unpacked(bytes: Uint8Array, type: number): Numbers {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const width = WIDTHS[type];
  return Array.from({ length: Math.floor(bytes.length / width) }, (_, i) => {
    if (type === LONG) return Number(view.getBigInt64(width * i, true));
    if (type === DOUBLE) return view.getFloat64(width * i, true);
    return type === INT ? view.getInt32(width * i, true) : view.getFloat32(width * i, true);
  });
}

function listed({ floatData, int32Data, int64Data, doubleData }: OnnxTensor, type: number): Numbers {
  return { [FLOAT]: floatData, [INT]: int32Data, [LONG]: int64Data, [DOUBLE]: doubleData }[type] ?? [];
}

/** Unlike in `exact`, large int64 stay, rounded: exporters write "to the end" that way. */
const readable = (value: number, type: number) =>
  Number.isFinite(value) && (type !== INT || value === Math.trunc(value | 0));

/** A result as its type holds it; NaN where doubles do not tell it, and int64 that would wrap. */
function exact(value: number, type: number | undefined): number {
  if (type === FLOAT) return Math.fround(value);
  if (type === DOUBLE) return value;
  if (type !== INT && type !== LONG) return Number.NaN;
  if (!Number.isSafeInteger(value)) return Number.NaN;
  return type === INT ? value | 0 : value; // int32 wraps
}

const whole = (type: number | undefined) => type === INT || type === LONG;
/** Whether doubles hold the numbers of input i as they are. */
const sure = (given: Given, i: number) => given.numbers(i)?.every((x) => exact(x, given.type(i)) === x);

/** Of lists of rank 0 or 1 alone: of others the order of numbers is a matter of axes. */
const flat = (given: Given, i: number) => ((given.shape(i)?.length ?? 2) <= 1 ? given.numbers(i) : undefined);

const same = (given: Given) => given.numbers(0);
const each =
  (f: (x: number) => number) =>
  (given: Given): Numbers | undefined =>
    sure(given, 0) ? given.numbers(0)?.map((x) => exact(f(x), given.type(0))) : undefined;
const pairwise =
  (f: (x: number, y: number, integers: boolean) => number) =>
  (given: Given): Numbers | undefined => {
    const [a, b, type] = [flat(given, 0), flat(given, 1), given.type(0)];
    if (!a || !b || type !== given.type(1) || !sure(given, 0) || !sure(given, 1)) return undefined;
    if (a.length !== b.length && a.length !== 1 && b.length !== 1) return undefined;
    const length = a.length === 1 ? b.length : a.length;
    return Array.from({ length }, (_, i) => exact(f(a[i % a.length], b[i % b.length], whole(type)), type));
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
  Cast(given) {
    const to = given.int('to', FLOAT);
    if (!sure(given, 0)) return undefined;
    return given.numbers(0)?.map((x) => {
      const value = whole(to) ? Math.trunc(x) : x;
      // What an integer cannot hold becomes whatever the processor likes.
      return to === INT && value !== (value | 0) ? Number.NaN : exact(value, to);
    });
  },
  Neg: each((x) => -x),
  Floor: each(Math.floor),
  Ceil: each(Math.ceil),
  Add: pairwise((x, y) => x + y),
  Sub: pairwise((x, y) => x - y),
  Mul: pairwise((x, y) => x * y),
  Div: pairwise((x, y, integers) => (integers ? Math.trunc(x / y) : x / y)),
  ReduceProd(given) {
    const list = flat(given, 0);
    // With empty axes this may be the list itself; a product of int32 that is too large does not wrap like others.
    if (!list || !whole(given.type(0)) || given.int('noop_with_empty_axes', 0) !== 0) return undefined;
    const all = product(list);
    return sure(given, 0) && readable(all, given.type(0) ?? 0) && Number.isSafeInteger(all)
      ? [all]
      : undefined;
  },
  Concat(given) {
    const out: number[] = [];
    for (let i = 0; i < given.count; i++) {
      const list = flat(given, i);
      if (!list || given.type(i) !== given.type(0) || out.length + list.length > LONGEST) return undefined;
      out.push(...list);
    }
    return out;
  },
  Gather(given) {
    const [list, at] = [flat(given, 0), flat(given, 1)];
    return list && at?.map((i) => list.at(i) ?? Number.NaN);
  },
  Slice(given) {
    const [list, starts, ends] = [flat(given, 0), given.setting(1, 'starts'), given.setting(2, 'ends')];
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

/** TensorProto.DataType of such a list. */
export function typeOf(opType: string, given: Given): number | undefined {
  switch (opType) {
    case 'Shape':
    case 'Size':
      return LONG;
    case 'Cast':
      return given.int('to', FLOAT);
    case 'Constant':
      return given.attribute('value_ints') || given.attribute('value_int') ? LONG : FLOAT;
    case 'ConstantOfShape':
      return given.tensor('value')?.dataType ?? FLOAT;
    default:
      return given.type(0);
  }
}
