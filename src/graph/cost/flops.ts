/** Floating-point operations of a graph, from the shapes of its tensors. */
import { RxaugError } from '../../core/index.js';
import { attributeAt, type Graph, type Node, sizesAt, type Value } from '../graph.js';
import { countOf } from './sizes.js';

type Rule = (node: Node, batch: number) => number;

/** Operations of a convolution or its gradients: each output position meets each number of the filter. */
const convolution =
  (positions: string, filter: string): Rule =>
  (node, batch) => {
    const taps = sizesAt(tensorOf(node, filter).shape, batch);
    const channels = taps[taps.length - 1];
    return 2 * (countOf(tensorOf(node, positions), batch) / channels) * product(taps);
  };

/** The same where each channel has filters of its own. */
const depthwise =
  (positions: string, filter: string): Rule =>
  (node, batch) => {
    const [height, width] = sizesAt(tensorOf(node, filter).shape, batch);
    return 2 * countOf(tensorOf(node, positions), batch) * height * width;
  };

const matrixProduct: Rule = (node, batch) => {
  const a = sizesAt(node.inputs.a.shape, batch);
  const inner = a[a.length - (node.attributes.transposeA ? 2 : 1)];
  return 2 * countOf(node.outputs[0], batch) * inner;
};

/** Each combination of the letters of an equation is one multiplication for each factor after the first, and one addition. */
const einsum: Rule = (node, batch) => {
  const factors = Object.values(node.inputs);
  const terms = String(node.attributes.equation).split('->')[0].split(',');
  const sizes = new Map<string, number>();
  terms.forEach((term, i) => {
    const shape = sizesAt(factors[i].shape, batch);
    [...term.trim()].forEach((letter, axis) => {
      sizes.set(letter, shape[axis]);
    });
  });
  return factors.length * product([...sizes.values()]);
};

/** A bias and an activation that a kernel applies to what it computes. */
const fused =
  (rule: Rule): Rule =>
  (node, batch) => {
    const { activation } = node.attributes;
    const steps = (node.inputs.bias ? 1 : 0) + (activation && activation !== 'linear' ? 1 : 0);
    return rule(node, batch) + steps * countOf(node.outputs[0], batch);
  };

const CONTRACTIONS: Readonly<Record<string, Rule>> = {
  Conv2D: convolution('', 'filter'),
  FusedConv2D: fused(convolution('', 'filter')),
  Conv2DBackpropInput: convolution('dy', 'filter'),
  Conv2DBackpropFilter: convolution('dy', ''),
  DepthwiseConv2dNative: depthwise('', 'filter'),
  FusedDepthwiseConv2D: fused(depthwise('', 'filter')),
  DepthwiseConv2dNativeBackpropInput: depthwise('dy', 'filter'),
  DepthwiseConv2dNativeBackpropFilter: depthwise('dy', ''),
  BatchMatMul: matrixProduct,
  _FusedMatMul: fused(matrixProduct),
  Einsum: einsum,
};

/** Kernels that move numbers, or make them from none, and compute nothing. */
const MOVES = new Set(
  'Cast Concat Diag ExpandDims Fill GatherNd GatherV2 Identity LinSpace MirrorPad OneHot OnesLike Pack PadV2 Range Reshape Reverse ScatterNd Slice SplitV StridedSlice Tile Transpose Unpack ZerosLike'.split(
    ' ',
  ),
);

/** Kernels like these multiply and add tensors in more ways than there are rules for. */
const UNKNOWN = /Conv|MatMul|Dilation|Correlation/;

/**
 * Operations of one node. Convolutions, matrix products and their gradients are counted exactly, a multiply-add as two, and
 * what meets the padding is counted too. Kernels that only move numbers are 0. All others are one for each number that
 * they read or give, whichever is more: one for each element of `Add`, `Exp` or `FusedBatchNormV3`, and for each number
 * that `Sum` adds up.
 *
 * @throws RxaugError for a convolution or product of another kind
 */
export function flopsOf(node: Node, batch = 1): number {
  const { op, inputs, outputs } = node;
  const rule = CONTRACTIONS[op];
  if (rule) return rule({ ...node, attributes: at(node, batch) }, batch);
  if (MOVES.has(op)) return 0;
  if (UNKNOWN.test(op)) throw new RxaugError(`flops: expected a kernel with a rule but received '${op}'`);
  const given = outputs.reduce((sum, value) => Math.max(sum, countOf(value, batch)), 0);
  return Math.max(given, ...Object.values(inputs).map((value) => countOf(value, batch)));
}

/** What the nodes of one kernel cost together. */
export interface KernelCost {
  readonly op: string;
  readonly count: number;
  readonly flops: number;
}

/** Nodes by kernel, the costliest first, those of equal cost by number and name. */
export function costByKernel({ nodes }: Pick<Graph, 'nodes'>, batch = 1): KernelCost[] {
  const costs = new Map<string, { op: string; count: number; flops: number }>();
  for (const node of nodes) {
    const cost = costs.get(node.op) ?? { op: node.op, count: 0, flops: 0 };
    cost.count++;
    cost.flops += flopsOf(node, batch);
    costs.set(node.op, cost);
  }
  return [...costs.values()].sort((a, b) => b.flops - a.flops || b.count - a.count || (a.op < b.op ? -1 : 1));
}

/** Whether a kernel is a convolution or a matrix product, or the gradient of one, which are counted exactly. */
export const isContraction = (op: string): boolean => op in CONTRACTIONS;

const at = ({ attributes }: Node, batch: number) =>
  Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, attributeAt(value, batch)]));

/** The input of that name, or '' for the output. */
const tensorOf = ({ inputs, outputs }: Node, name: string): Value =>
  name === '' ? outputs[0] : inputs[name];

const product = (sizes: readonly number[]) => sizes.reduce((total, size) => total * size, 1);
