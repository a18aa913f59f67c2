/** Products of matrices and convolutions, in the precision of the program. */
import { type Builder, list } from './builder.js';
import type { Hlo, TensorType } from './types.js';
import { typeText } from './types.js';

/** Axes of a product: those of both that stay as they are, and those that are summed over. */
export interface Contraction {
  readonly batch: readonly [readonly number[], readonly number[]];
  readonly contract: readonly [readonly number[], readonly number[]];
}

/** Which axis is what: `[b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f]`. */
export interface Convolution {
  readonly dims: string;
  readonly shape: readonly number[];
  readonly pad: readonly (readonly [number, number])[];
  readonly stride?: readonly number[];
  readonly lhsDilate?: readonly number[];
  readonly rhsDilate?: readonly number[];
  readonly featureGroups?: number;
  readonly batchGroups?: number;
}

/** `exact`: in float32 whatever the precision of the program, for products that only move numbers. */
export function dot(h: Builder, a: Hlo, b: Hlo, { batch, contract }: Contraction, exact = false): Hlo {
  const free = ({ shape }: Hlo, side: 0 | 1) =>
    shape.filter((_, axis) => !batch[side].includes(axis) && !contract[side].includes(axis));
  const shape = [...batch[0].map((axis) => a.shape[axis]), ...free(a, 0), ...free(b, 1)];
  const [x, y] = exact ? [a, b] : [narrowed(h, a), narrowed(h, b)];
  const precision = exact ? 'HIGHEST' : precisionOf(h);
  const settings = [
    ...(batch[0].length > 0 ? [`batching_dims = ${list(batch[0])} x ${list(batch[1])}`] : []),
    `contracting_dims = ${list(contract[0])} x ${list(contract[1])}`,
    `precision = [${precision}, ${precision}]`,
  ];
  return h.op('dot_general', [x, y], settings.join(', '), { shape, type: 'f32' });
}

export function convolve(h: Builder, lhs: Hlo, rhs: Hlo, how: Convolution): Hlo {
  const { dims, shape, pad, stride = [1, 1], lhsDilate = [1, 1], rhsDilate = [1, 1] } = how;
  const { featureGroups = 1, batchGroups = 1 } = how;
  const result: TensorType = { shape, type: 'f32' };
  const [x, y] = [narrowed(h, lhs), narrowed(h, rhs)];
  const window = [
    `stride = ${list(stride)}`,
    `pad = [${pad.map(list).join(', ')}]`,
    `lhs_dilate = ${list(lhsDilate)}`,
    `rhs_dilate = ${list(rhsDilate)}`,
    'reverse = [false, false]',
  ].join(', ');
  const precision = `#stablehlo<precision ${precisionOf(h)}>`;
  const settings = [
    `batch_group_count = ${batchGroups} : i64`,
    `feature_group_count = ${featureGroups} : i64`,
    `precision_config = [${precision}, ${precision}]`,
  ].join(', ');
  const types = `(${typeText(x)}, ${typeText(y)}) -> ${typeText(result)}`;
  return h.line(
    `stablehlo.convolution(${x.id}, ${y.id}) dim_numbers = ${dims}, window = {${window}} {${settings}} : ${types}`,
    result,
  );
}

const precisionOf = ({ precision }: Builder): string => (precision === 'float32' ? 'HIGHEST' : 'DEFAULT');

const narrowed = (h: Builder, x: Hlo): Hlo => (h.precision === 'bfloat16' ? h.convert(x, 'bf16') : x);
