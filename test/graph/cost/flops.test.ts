/** Operations are counted from shapes: by hand for single kernels, and against published figures for whole networks. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { keyOf } from '../../../src/core/index.js';
import { costByKernel, flopsOf, isContraction } from '../../../src/graph/cost/index.js';
import { traceFunction } from '../../../src/graph/index.js';
import { type Model, resnet, resnet18 } from '../../../src/train/index.js';
import { build, forward, initialize } from '../../../src/train/models/model.js';
import { useBackend } from '../../train/golden.js';

beforeAll(() => useBackend('wasm'));

type Tensors = Readonly<Record<string, tf.Tensor>>;

/** Operations by kernel of a function of tensors of these shapes. */
function costs(shapes: Record<string, (number | null)[]>, f: (inputs: Tensors) => tf.Tensor, batch?: number) {
  const inputs = Object.entries(shapes).map(([name, shape]) => ({ name, shape }));
  const graph = traceFunction(f, { inputs });
  return Object.fromEntries(costByKernel(graph, batch).map(({ op, flops }) => [op, flops]));
}

describe('flopsOf', () => {
  it('a dense layer: two for each weight, one for each bias and each relu', () => {
    const dense = ({ x, w, b }: Tensors) => tf.relu(tf.add(tf.matMul(x, w), b));
    const shapes = { x: [4, 10], w: [10, 3], b: [3] };
    const { BatchMatMul, _FusedMatMul, Add, Relu } = costs(shapes, dense);
    expect(BatchMatMul ?? _FusedMatMul).toBe(2 * 4 * 10 * 3);
    expect([Add, Relu]).toEqual([4 * 3, 4 * 3]);
  });

  it('a transposed product has its inner size on the other axis', () => {
    const product = ({ a, b }: Tensors) => tf.matMul(a, b, true, false);
    expect(Object.values(costs({ a: [10, 4], b: [10, 3] }, product))).toContain(2 * 4 * 10 * 3);
  });

  it('a fused product counts its bias and its activation', () => {
    const shape = (name: string, sizes: number[]) => ({ name, shape: sizes, dtype: 'float32' as const });
    const node = {
      op: '_FusedMatMul',
      inputs: { a: shape('a', [4, 10]), b: shape('b', [10, 3]), bias: shape('bias', [3]) },
      attributes: { transposeA: false, transposeB: false, activation: 'relu' },
      outputs: [shape('y', [4, 3])],
    };
    expect(flopsOf(node)).toBe(2 * 4 * 10 * 3 + 2 * 4 * 3);
    expect(flopsOf({ ...node, attributes: { ...node.attributes, activation: 'linear' } })).toBe(240 + 12);
  });

  it('a convolution and both of its gradients, with a stride', () => {
    const step = ({ x, w }: Tensors) => {
      const conv = (a: tf.Tensor, b: tf.Tensor) => tf.conv2d(a as tf.Tensor4D, b as tf.Tensor4D, 2, 'same');
      const [dx, dw] = tf.grads((a, b) => tf.sum(conv(a, b)))([x, w]);
      return tf.concat([dx.flatten(), dw.flatten(), conv(x, w).flatten()]);
    };
    const cost = costs({ x: [2, 8, 8, 3], w: [3, 3, 3, 5] }, step);
    const one = 2 * (2 * 4 * 4) * (3 * 3 * 3 * 5);
    expect(cost.Conv2DBackpropInput).toBe(one);
    expect(cost.Conv2DBackpropFilter).toBe(one);
    expect(cost.Conv2D % one).toBe(0);
  });

  it('a depthwise convolution meets one channel', () => {
    const f = ({ x, w }: Tensors) => tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same');
    const cost = costs({ x: [2, 8, 8, 3], w: [3, 3, 3, 2] }, f);
    expect(cost.DepthwiseConv2dNative).toBe(2 * (2 * 8 * 8 * 6) * 9);
  });

  it('a sum counts what it reads, a broadcast what it gives, a move nothing', () => {
    expect(costs({ x: [4, 6] }, ({ x }) => tf.sum(x)).Sum).toBe(24);
    expect(costs({ x: [4, 1], y: [6] }, ({ x, y }) => tf.mul(x, y)).Multiply).toBe(24);
    expect(costs({ x: [4, 6] }, ({ x }) => tf.transpose(x)).Transpose).toBe(0);
  });

  it('an open batch is read at the size given', () => {
    const f = ({ x }: Tensors) => tf.exp(x);
    expect(costs({ x: [null, 6] }, f).Exp).toBe(6);
    expect(costs({ x: [null, 6] }, f, 7).Exp).toBe(42);
  });

  it('refuses a product that it has no rule for', () => {
    const node = { op: 'Conv3D', inputs: {}, attributes: {}, outputs: [] };
    expect(() => flopsOf(node)).toThrow("flops: expected a kernel with a rule but received 'Conv3D'");
  });
});

describe('networks', () => {
  /** Multiply-adds of a forward pass of one image. */
  function multiplyAdds(model: Model, side: number, classes: number): number {
    const network = build(model, {
      input: [side, side, 3],
      classes: Array.from({ length: classes }, (_, i) => `${i}`),
    });
    const { params, stats } = initialize(network, keyOf(1));
    const graph = traceFunction(({ images }) => forward(network, { params, stats }, images).logits, {
      inputs: [{ name: 'images', shape: [1, side, side, 3] }],
    });
    tf.dispose([params, stats] as tf.TensorContainer);
    const products = costByKernel(graph).filter(({ op }) => isContraction(op));
    return products.reduce((sum, { flops }) => sum + flops, 0) / 2;
  }

  it('ResNet-20: by hand, with shortcut A and B', () => {
    const stem = 32 * 32 * 16 * 27;
    const stage1 = 6 * 32 * 32 * 16 * (9 * 16);
    const stage2 = 16 * 16 * 32 * (9 * 16) + 5 * 16 * 16 * 32 * (9 * 32);
    const stage3 = 8 * 8 * 64 * (9 * 32) + 5 * 8 * 8 * 64 * (9 * 64);
    const plain = stem + stage1 + stage2 + stage3 + 64 * 10;
    expect(plain).toBe(40_551_040);
    expect(multiplyAdds(resnet(20), 32, 10)).toBe(plain);
    // With 1×1 convolutions as shortcuts it is the 40.81 M that is published for PyTorch's implementations.
    const shortcuts = 16 * 16 * 32 * 16 + 8 * 8 * 64 * 32;
    expect(multiplyAdds(resnet(20, { shortcut: 'B' }), 32, 10)).toBe(plain + shortcuts);
    expect(plain + shortcuts).toBe(40_813_184);
  });

  it('ResNet-18 at 224: the 1.814 G of torchvision', () => {
    expect(multiplyAdds(resnet18(), 224, 1000) / 1e9).toBeCloseTo(1.814, 3);
  });
});
