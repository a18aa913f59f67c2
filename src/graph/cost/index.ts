export { costByKernel, flopsOf, isContraction, type KernelCost } from './flops.js';
export { keptBytes, nodesBehind, peakBytes } from './memory.js';
export { bytesOf, countOf } from './sizes.js';
