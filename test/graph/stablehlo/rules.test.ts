/** Every rule compared with the kernel that it stands for, on the backends that train. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { writeStableHlo } from '../../../src/graph/stablehlo/write.js';
import { runKernel } from '../../../src/train/ops/kernels.js';
import { tensor } from '../../train/backends/gradients.js';
import { onEveryBackend, useBackend } from '../../train/golden.js';
import { beyond, differences, runProgram, type Tensors, traced, withPrograms } from './program.js';

type F = (inputs: Tensors) => Tensors;

/** Kernels by name, without a gradient tape. */
const kernel = (name: string, inputs: Tensors, attributes = {}): tf.Tensor =>
  runKernel(name, inputs, attributes)[0];

const ROUGH = [0, -0, 1, -1, 0.5, 1.5, 2.5, -2.5, 1e-7, -1e-7, 30, -30, 88, 1e10, Number.NaN, 1 / 0, -1 / 0];
const vector = (values: number[]) => tf.tensor1d(values);
const ints = (values: number[], shape?: number[]) => tf.tensor(values, shape ?? [values.length], 'int32');
/** Not 0 where it is traced, with zeros: native TensorFlow stops at a division by 0. */
const odd = (x: tf.Tensor) => tf.sub(tf.mul(x, tf.scalar(2, 'int32')), tf.scalar(1, 'int32'));
const bools = (values: number[]) => tf.tensor(values, [values.length], 'bool');

const groups: [title: string, inputs: () => Tensors, f: F, tolerance?: number][] = [
  [
    'functions of one number, NaN and the infinite among them',
    () => ({ x: vector(ROUGH) }),
    ({ x }) => ({
      abs: tf.abs(x),
      ceil: tf.ceil(x),
      floor: tf.floor(x),
      round: tf.round(x),
      neg: tf.neg(x),
      exp: tf.exp(tf.minimum(x, 80)),
      expm1: tf.expm1(tf.minimum(x, 80)),
      sigmoid: tf.sigmoid(x),
      tanh: tf.tanh(x),
      square: tf.square(x),
      reciprocal: tf.reciprocal(x),
      relu: tf.relu(x),
      relu6: tf.relu6(x),
      step: kernel('Step', { x }, { alpha: 0.25 }),
      isNaN: tf.isNaN(x),
      isInf: tf.isInf(x),
      isFinite: tf.isFinite(x),
      zeros: tf.zerosLike(x),
      ones: tf.onesLike(x),
      bool: tf.cast(x, 'bool'),
      leaky: tf.leakyRelu(x, 0.3),
      clip: tf.clipByValue(x, -0.5, 0.25),
    }),
    1e-6,
  ],
  [
    'functions of finite numbers',
    () => ({ x: tensor(1, [6, 7]) }),
    ({ x }) => ({
      cos: tf.cos(x.mul(9)),
      sin: tf.sin(x.mul(9)),
      tan: tf.tan(x),
      erf: tf.erf(x.mul(4)),
      log: tf.log(tf.abs(x)),
      log1p: tf.log1p(x),
      sqrt: tf.sqrt(tf.abs(x)),
      rsqrt: tf.rsqrt(tf.abs(x)),
      softplus: tf.softplus(x.mul(20)),
      elu: tf.elu(x),
      selu: tf.selu(x),
      sinh: tf.sinh(x.mul(3)),
      cosh: tf.cosh(x.mul(3)),
      atan: tf.atan(x.mul(3)),
      atan2: tf.atan2(x, tf.sub(x, 0.5)),
      sign: tf.sign(x),
      toInt: tf.mul(x, 7).toInt(),
      eluGrad: kernel('EluGrad', { dy: x, y: tf.sub(x, 0.1) }),
    }),
  ],
  [
    'functions of two tensors that broadcast',
    () => ({ a: tensor(1, [4, 1, 3]), b: tensor(2, [2, 1]) }),
    ({ a, b }) => ({
      add: tf.add(a, b),
      sub: tf.sub(a, b),
      mul: tf.mul(a, b),
      div: tf.div(a, b),
      maximum: tf.maximum(a, b),
      minimum: tf.minimum(a, b),
      pow: tf.pow(tf.abs(a), b),
      squaredDifference: tf.squaredDifference(a, b),
      mod: tf.mod(a, b),
      floorDiv: tf.floorDiv(a, tf.mul(b, 0.37)),
      greater: tf.greater(a, b),
      greaterEqual: tf.greaterEqual(a, tf.transpose(a, [0, 1, 2])),
      less: tf.less(a, b),
      lessEqual: tf.lessEqual(a, b),
      equal: tf.equal(a, a),
      notEqual: tf.notEqual(a, b),
      where: tf.where(tf.greater(a, b), tf.add(a, b), tf.mul(a, b)),
      prelu: tf.prelu(tf.add(a, b), tensor(3, [3])),
      addN: tf.addN([tf.add(a, b), tf.mul(a, b), tf.sub(a, b)]),
    }),
  ],
  [
    'integers, true and false',
    () => ({
      i: ints([7, -7, 7, -7, 0, 9]),
      j: ints([2, 2, -2, -2, 3, -3]),
      p: bools([0, 1, 1, 0, 1, 0]),
      q: bools([1, 1, 0, 0, 1, 1]),
    }),
    ({ i, j, p, q }) => ({
      floorDiv: tf.floorDiv(i, odd(j)),
      mod: tf.mod(i, odd(j)),
      add: tf.add(i, j),
      mul: tf.mul(i, j),
      max: tf.maximum(i, j),
      neg: tf.neg(i),
      abs: tf.abs(i),
      less: tf.less(i, j),
      equal: tf.equal(p, q),
      and: tf.logicalAnd(p, q),
      or: tf.logicalOr(p, q),
      not: tf.logicalNot(p),
      float: p.toFloat(),
      sum: tf.sum(p),
      sumOfInts: tf.sum(i),
      greatest: tf.max(i),
      least: tf.min(i),
      mixed: tf.mul(i, 0.5),
      whole: i.toFloat(),
      bool: i.toBool(),
      where: tf.where(p, i, j),
      oneHot: tf.oneHot(tf.abs(j), 3, 5, -1),
      all: tf.all(p),
      any: tf.any(p),
    }),
    0,
  ],
  [
    'reductions',
    () => ({
      x: tensor(1, [3, 4, 5]),
      tied: tf.tensor2d([
        [Number.NaN, Number.NaN, Number.NaN],
        [3, 4, 4],
      ]),
    }),
    ({ x, tied }) => ({
      sum: tf.sum(tf.abs(x)),
      sumRows: tf.sum(x, [0, 2]),
      sumKept: tf.sum(x, 1, true),
      mean: tf.mean(x, -1),
      meanKept: tf.mean(x, [0, 1], true),
      max: tf.max(x, 1, true),
      min: tf.min(x, [1, 2]),
      prod: tf.prod(x, 2),
      argMax: tf.argMax(x, 1),
      argMin: tf.argMin(x, -1),
      argMaxTied: tf.argMax(tied, 1),
      argMinTied: tf.argMin(tied, 1),
      softmax: tf.softmax(x.mul(30)),
      logSoftmax: tf.logSoftmax(x.mul(30)),
      logSumExp: tf.logSumExp(x, 1),
      cumsum: tf.cumsum(x, 1),
      cumsumBack: tf.cumsum(x, 2, true, true),
      none: tf.sum(x, []),
    }),
  ],
  [
    'moves',
    () => ({ x: tensor(1, [4, 6, 3]), y: tensor(2, [4, 2, 3]), i: ints([2, 0, 3, 3]) }),
    ({ x, y, i }) => ({
      reshape: x.reshape([2, -1]),
      expand: tf.expandDims(x, 1),
      transpose: tf.transpose(x, [2, 0, 1]),
      slice: tf.slice(x, [1, 2, 0], [2, 3, -1]),
      sliceOne: tf.slice(x, 2),
      strided: tf.stridedSlice(x, [0, 1, 0], [4, 6, 2], [2, 2, 1]),
      stridedFromEnd: tf.stridedSlice(x, [0, -4, 1], [0, -1, 2], [1, 1, 1], 0b001, 0b001, 0, 0, 0b100),
      concat: tf.concat([x, y], 1),
      stack: tf.stack([y, tf.neg(y)], 1),
      unstack: tf.unstack(x, 1)[3],
      split: tf.split(x, [1, 2, 3], 1)[1],
      splitEqual: tf.split(x, 2, 1)[1],
      tile: tf.tile(y, [1, 2, 3]),
      broadcastTo: tf.broadcastTo(y.mean(1, true), [4, 5, 3]),
      reverse: tf.reverse(x, [0, 2]),
      reverseOne: tf.reverse(x, -1),
      pad: tf.pad(
        x,
        [
          [0, 0],
          [1, 2],
          [0, 1],
        ],
        0.5,
      ),
      mirror: tf.mirrorPad(
        x,
        [
          [0, 0],
          [1, 2],
          [2, 0],
        ],
        'reflect',
      ),
      symmetric: tf.mirrorPad(
        x,
        [
          [2, 0],
          [1, 2],
          [0, 0],
        ],
        'symmetric',
      ),
      fill: tf.add(tf.fill([4, 1, 1], 2.5), y),
      range: tf.mul(tf.range(0, 6, 2), y),
      rangeDown: tf.mul(tf.range(6, 0, -2), y),
      rangeTurned: tf.mul(tf.range(3, 0), y),
      rangeOfInts: tf.range(1, -2, -1, 'int32'),
      gather: tf.gather(x, i),
      gatherMiddle: tf.gather(x, i, 1),
      gatherMany: tf.gather(x, i.reshape([2, 2])),
      segments: tf.unsortedSegmentSum(x, i as tf.Tensor1D, 5),
      rows: tf.where(i.greater(2).reshape([4, 1, 1]), x, tf.zerosLike(x)),
      depthToSpace: tf.depthToSpace(tf.concat([x, x, x, x], 2).expandDims(0) as tf.Tensor4D, 2, 'NHWC'),
    }),
    0,
  ],
  [
    'products',
    () => ({ a: tensor(1, [5, 4]), b: tensor(2, [4, 6]), c: tensor(3, [2, 5, 4]), d: tensor(4, [2, 6, 4]) }),
    ({ a, b, c, d }) => ({
      matMul: tf.matMul(a, b),
      left: tf.matMul(b, a, true, true),
      right: tf.matMul(a, d.slice([0, 0, 0], [1, -1, -1]).reshape([6, 4]), false, true),
      batches: tf.matMul(c, d, false, true),
      inner: tf.matMul(c, d.slice([0, 0, 0], [-1, 5, -1]), true),
      fused: tf.fused.matMul({
        a: a as tf.Tensor2D,
        b: b as tf.Tensor2D,
        bias: tensor(5, [6]),
        activation: 'relu',
      }),
      sigmoid: tf.fused.matMul({ a: a as tf.Tensor2D, b: b as tf.Tensor2D, activation: 'sigmoid' }),
      outer: tf.outerProduct(a.slice([0, 0], [1, -1]).reshape([4]) as tf.Tensor1D, vector([1, 2, 3])),
    }),
  ],
];

withPrograms('rules', () => {
  onEveryBackend(
    'as kernels of %s',
    (backend) => {
      beforeAll(() => useBackend(backend));

      test.each(groups)('%s', async (_, inputs, f, tolerance = 2e-6) => {
        const given = inputs();
        expect(beyond(tolerance, await differences(f, given))).toEqual({});
        tf.dispose(given);
      });
    },
    ['tensorflow', 'cpu'],
  );

  onEveryBackend(
    'argMax and argMin with NaN as those of %s',
    (backend) => {
      beforeAll(() => useBackend(backend));

      // The engine of these tests drops NaN where it reduces, others pass it on: the last rows tell a rule that relies on it.
      test('which pass over it', async () => {
        const [nan, infinite] = [Number.NaN, 1 / 0];
        const rows = [
          [[nan, 1, 2, 3], 3, 1],
          [[1, nan, 3, 2], 2, 0],
          [[3, 1, 2, nan], 0, 1],
          [[nan, -infinite, infinite, nan], 2, 1],
          [[nan, nan, nan, nan], 0, 0],
          [[nan, -infinite, -infinite, -infinite], 0, 1],
          [[nan, infinite, infinite, infinite], 1, 0],
        ] as const;
        const x = tf.tensor2d(rows.map(([row]) => [...row]));
        const f: F = ({ x }) => ({ max: tf.argMax(x, 1), min: tf.argMin(x, 1), across: tf.argMax(x, 0) });
        expect(await differences(f, { x })).toEqual({ max: 0, min: 0, across: 0 });
        const outputs = f({ x });
        const { max, min } = await runProgram({
          ...{ text: writeStableHlo(traced(f, { x })), inputs: { x }, outputs },
        });
        expect([...max]).toEqual(rows.map(([, most]) => most));
        expect([...min]).toEqual(rows.map(([, , fewest]) => fewest));
        tf.dispose([x, ...Object.values(outputs)]);
      });
    },
    ['tensorflow'],
  );
});
