/**
 * What TensorFlow.js 4.22 lacks or has wrong for training, found by finite differences on every backend:
 *
 * | kernel | wasm | webgpu | cpu |
 * |---|---|---|---|
 * | Conv2DBackpropFilter | absent | right | right |
 * | DepthwiseConv2dNativeBackprop{Filter,Input} | absent | wrong with dilations | right |
 * | UnsortedSegmentSum | absent | wrong for ids outside | right |
 * | MaxPoolGrad | wrong | of equals the last | right |
 * | AvgPoolGrad with padding | wrong | wrong | wrong |
 * | ResizeNearestNeighborGrad | right | right | wrong |
 * | AddN of many | right | fails | right |
 *
 * Native TensorFlow has them right, but for Conv2DBackpropFilter of one pixel with strides.
 */
import { registerKernels } from '../../ops/kernels.js';
import type { TfjsBackend } from '../backend.js';
import { addN } from './add-n.js';
import { avgPoolGrad, avgPoolGradWebGpu } from './avg-pool-grad.js';
import { conv2DBackpropFilter } from './conv2d-backprop-filter.js';
import { conv2DBackpropFilterNative } from './conv2d-backprop-filter-native.js';
import { depthwiseBackpropFilter, depthwiseBackpropFilterWebGpu } from './depthwise-backprop-filter.js';
import { depthwiseBackpropInput, depthwiseBackpropInputWebGpu } from './depthwise-backprop-input.js';
import { maxPoolGrad } from './max-pool-grad.js';
import { maxPoolGradWebGpu } from './max-pool-grad-webgpu.js';
import { nearestNeighborGrad } from './nearest-neighbor-grad.js';
import { type Repair, repair } from './repair.js';
import { unsortedSegmentSum, unsortedSegmentSumWebGpu } from './unsorted-segment-sum.js';

const repairs: readonly Repair[] = [
  conv2DBackpropFilter,
  conv2DBackpropFilterNative,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  unsortedSegmentSum,
  maxPoolGrad,
  avgPoolGrad,
  nearestNeighborGrad,
  addN,
  depthwiseBackpropFilterWebGpu,
  depthwiseBackpropInputWebGpu,
  maxPoolGradWebGpu,
  avgPoolGradWebGpu,
  unsortedSegmentSumWebGpu,
];

/**
 * Registers all kernels of ours for a backend: those of `ops/kernels.ts`, and these repairs. `loadBackend` calls it once the
 * backend has registered its own, which are what is repaired. A second call does nothing.
 */
export function registerOwnKernels(backend: TfjsBackend): void {
  registerKernels();
  repair(backend, repairs);
}
