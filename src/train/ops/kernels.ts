/**
 * Kernels that tfjs lacks, registered under TensorFlow's names. The engine, its gradient tape and listeners to kernel
 * calls see them like `Conv2D`. On a backend without such a kernel the operation is composed of others, but noise comes
 * from one kernel on every backend.
 */
import { tf } from '../../graph/tf.js';
import { TFJS_BACKENDS } from '../backends/backend.js';
import { float, nativeOp, type } from '../backends/native-op.js';
import { philoxUniform } from './philox.js';

const T = { T: type('float32') };

/** inputs dy, y (or x): dy where y > 0, else 0. */
export const ReluGrad = 'ReluGrad';
/** inputs x, scale, shift, mean, variance: see `batchNorm`. */
export const FusedBatchNormV3 = 'FusedBatchNormV3';
export const FusedBatchNormGradV3 = 'FusedBatchNormGradV3';
/** input seed [2] int32; attribute shape: uniform numbers in [0, 1) that depend on the seed alone, the same everywhere. */
export const StatelessRandomUniform = 'StatelessRandomUniform';

type Inputs = Record<string, tf.Tensor>;

const nativeKernels: Record<string, (inputs: Inputs, attrs: tf.NamedAttrMap) => tf.Tensor[]> = {
  [ReluGrad]: ({ dy, y }) => nativeOp('ReluGrad', T, [dy, y]),

  [FusedBatchNormV3]: ({ x, scale, shift, mean, variance }, { epsilon, momentum }) =>
    nativeOp(
      'FusedBatchNormV3',
      {
        ...T,
        U: type('float32'),
        epsilon: float(epsilon as number),
        exponential_avg_factor: float(momentum as number),
        data_format: 'NHWC',
        is_training: true,
      },
      [x, scale, shift, mean, variance],
      6,
    ),

  [FusedBatchNormGradV3]: ({ dy, x, scale, mean, variance, reserve }, { epsilon }) =>
    nativeOp(
      'FusedBatchNormGradV3',
      {
        ...T,
        U: type('float32'),
        epsilon: float(epsilon as number),
        data_format: 'NHWC',
        is_training: true,
      },
      [dy, x, scale, mean, variance, reserve],
      5,
    ),

  [StatelessRandomUniform]: ({ seed }, { shape }) => {
    const dims = tf.tensor1d(shape as number[], 'int32');
    const out = nativeOp(
      'StatelessRandomUniform',
      { dtype: type('float32'), T: type('int32'), Tseed: type('int32') },
      [dims, seed],
    );
    dims.dispose();
    return out;
  },
};

/** Noise made on the processor and then given to the backend. The seed must have come from there: WebGPU cannot read its own. */
const hostUniform: tf.KernelFunc = ({ inputs, attrs, backend: any }) => {
  const backend = any as tf.KernelBackend;
  const { seed } = inputs as Record<'seed', tf.TensorInfo>;
  const { shape } = attrs as { shape: number[] };
  const [seed0, seed1] = backend.readSync(seed.dataId) as Int32Array;
  const numbers = philoxUniform(seed0, seed1, tf.util.sizeFromShape(shape));
  return { dataId: backend.write(numbers, shape, 'float32'), shape, dtype: 'float32' };
};

let registered = false;

/** Registers the kernels with tfjs, for all backends; a second call does nothing. `registerOwnKernels` calls it. */
export function registerKernels(): void {
  if (registered) return;
  registered = true;
  for (const [kernelName, run] of Object.entries(nativeKernels)) {
    tf.registerKernel({
      kernelName,
      backendName: 'tensorflow',
      kernelFunc: ({ inputs, attrs }) => run(inputs as Inputs, attrs ?? {}),
    });
  }
  for (const backendName of TFJS_BACKENDS.filter((name) => name !== 'tensorflow')) {
    tf.registerKernel({ kernelName: StatelessRandomUniform, backendName, kernelFunc: hostUniform });
  }
  tf.registerGradient({
    kernelName: ReluGrad,
    inputsToSave: ['y'],
    // The second derivative of relu is 0 wherever it exists; the rest is linear in dy.
    gradFunc: (ddy, [y]) => ({
      dy: () => runKernel(ReluGrad, { dy: ddy as tf.Tensor, y })[0],
      y: () => tf.zerosLike(y),
    }),
  });
  tf.registerGradient({
    kernelName: FusedBatchNormV3,
    inputsToSave: ['x', 'scale', 'mean', 'variance'],
    outputsToSave: [false, false, false, true, true, true],
    gradFunc: (dys, [x, scale, runningMean, runningVariance, mean, variance, reserve], { epsilon }) => {
      const dy = (dys as tf.Tensor[])[0];
      const [dx, dscale, dshift] = runKernel(
        FusedBatchNormGradV3,
        { dy, x, scale, mean, variance, reserve },
        { epsilon },
      );
      return {
        x: () => dx,
        scale: () => dscale,
        shift: () => dshift,
        mean: () => tf.zerosLike(runningMean),
        variance: () => tf.zerosLike(runningVariance),
      };
    },
  });
}

/** Whether the current backend has a kernel. */
export function hasKernel(name: string): boolean {
  return tf.getKernel(name, tf.getBackend()) !== undefined;
}

export function runKernel(name: string, inputs: Inputs, attrs: tf.NamedAttrMap = {}): tf.Tensor[] {
  const out: tf.Tensor | tf.Tensor[] = tf.engine().runKernel(name, inputs, attrs);
  return Array.isArray(out) ? out : [out];
}
