/**
 * What TensorFlow.js 4.22 lacks or has wrong for training, found by finite differences on every backend:
 *
 * | kernel | wasm | cpu |
 * |---|---|---|
 * | Conv2DBackpropFilter, DepthwiseConv2dNativeBackprop{Filter,Input}, UnsortedSegmentSum | absent | right |
 * | MaxPoolGrad | wrong | right |
 * | AvgPoolGrad with padding | wrong | wrong |
 * | ResizeNearestNeighborGrad | right | wrong |
 *
 * Native TensorFlow has them all right.
 */
import { avgPoolGrad } from './avg-pool-grad.js';
import { conv2DBackpropFilter } from './conv2d-backprop-filter.js';
import { depthwiseBackpropFilter } from './depthwise-backprop-filter.js';
import { depthwiseBackpropInput } from './depthwise-backprop-input.js';
import { maxPoolGrad } from './max-pool-grad.js';
import { nearestNeighborGrad } from './nearest-neighbor-grad.js';
import type { Repair } from './repair.js';
import { unsortedSegmentSum } from './unsorted-segment-sum.js';

export { repair } from './repair.js';

export const repairs: readonly Repair[] = [
  conv2DBackpropFilter,
  depthwiseBackpropFilter,
  depthwiseBackpropInput,
  unsortedSegmentSum,
  maxPoolGrad,
  avgPoolGrad,
  nearestNeighborGrad,
];
