/** Numbers by their places. */
import { arrayText, type Builder, list, signature } from '../builder.js';
import { type Hlo, sizeOf, type TensorType, typeText } from '../types.js';
import { combining } from '../windows.js';
import { axisOf, type Call, numberAt, type Rule, type Rules, refuse } from './rule.js';

/** Slices of `x` at `indices` along an axis, whose place their axes take. */
export function take(h: Builder, x: Hlo, indices: Hlo, axis: number): Hlo {
  const rank = indices.shape.length;
  const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
  const kept = shape.map((_, i) => i).filter((i) => i < axis || i >= axis + rank);
  const numbers = [
    `offset_dims = ${list(kept)}`,
    `collapsed_slice_dims = [${axis}]`,
    `start_index_map = [${axis}]`,
    `index_vector_dim = ${rank}`,
  ].join(', ');
  const sizes = arrayText(x.shape.map((side, i) => (i === axis ? 1 : side)));
  const result: TensorType = { shape, type: x.type };
  const settings = `dimension_numbers = #stablehlo.gather<${numbers}>, indices_are_sorted = false, slice_sizes = ${sizes}`;
  return h.line(
    `"stablehlo.gather"(${x.id}, ${indices.id}) <{${settings}}> : ${signature([x, indices], result)}`,
    result,
  );
}

/**
 * An index out of range is an error in tfjs. A compiled program cannot stop, and would take the nearest slice: it gives NaN
 * in place of floats, the smallest integer in place of integers. Known indices are checked now.
 */
const gather: Rule = (h, call) => {
  if (numberAt(call, 'batchDims', 0) !== 0) throw refuse(call, `batchDims ${call.attributes.batchDims}`);
  const { x, indices } = call.inputs;
  const axis = axisOf(call.attributes.axis, x.shape.length);
  const side = x.shape[axis];
  const taken = take(h, x, indices, axis);
  const known = call.known('indices');
  if (known) {
    const wrong = known.find((index) => index < 0 || index >= side);
    if (wrong !== undefined) throw refuse(call, `the index ${wrong}, which is not in 0..${side - 1},`);
    return taken;
  }
  if (x.type === 'i1') throw refuse(call, 'a table of true and false');
  const inside = h.same(
    'and',
    h.compare('GE', indices, h.like(indices, 0)),
    h.compare('LT', indices, h.like(indices, side)),
  );
  const dims = indices.shape.map((_, i) => axis + i);
  const nothing = h.like(taken, x.type === 'f32' ? Number.NaN : -(2 ** 31));
  return h.select(h.broadcast(inside, taken.shape, dims), taken, nothing);
};

/** Sums of the rows of each segment; rows of no segment are left out. */
const segmentSum: Rule = (h, { inputs: { x, segmentIds }, output }) => {
  const rest = output.shape.slice(1);
  const n = sizeOf(segmentIds.shape);
  const rows = h.reshape(x, [n, ...rest]);
  const ids = h.reshape(segmentIds, [n, 1]);
  const zeros = h.splat(0, output);
  const numbers = [
    `update_window_dims = ${list(rest.map((_, i) => i + 1))}`,
    'inserted_window_dims = [0]',
    'scatter_dims_to_operand_dims = [0]',
    'index_vector_dim = 1',
  ].join(', ');
  const settings = `indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<${numbers}>, unique_indices = false`;
  return h.line(
    `"stablehlo.scatter"(${zeros.id}, ${ids.id}, ${rows.id}) <{${settings}}> (${combining('add', output)}) : (${[zeros, ids, rows].map(typeText).join(', ')}) -> ${typeText(output)}`,
    output,
  );
};

/** Written as comparisons: an index out of range makes a row of `offValue`, as in tfjs. */
const oneHot: Rule = (h, call: Call) => {
  const { output } = call;
  const [indices] = call.list;
  const last = output.shape.length - 1;
  const places = h.iota(output.shape, last, 'i32');
  const wide = h.broadcast(
    h.convert(indices, 'i32'),
    output.shape,
    indices.shape.map((_, i) => i),
  );
  const value = (key: string, otherwise: number) => h.splat(numberAt(call, key, otherwise), output);
  return h.select(h.compare('EQ', wide, places), value('onValue', 1), value('offValue', 0));
};

export const gathers: Rules = {
  GatherV2: gather,
  UnsortedSegmentSum: segmentSum,
  OneHot: oneHot,
};
