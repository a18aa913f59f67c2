export type { Features } from './features.js';
export { frechetDistance } from './frechet-distance.js';
export { COLLAPSE_THRESHOLD, type Judge, judge, warningOf } from './judge.js';
export { type KernelDistance, kernelDistance } from './kernel-distance.js';
export { nearestTraining } from './nearest-training.js';
export { covered, diversity, memorized, nearest as nearestNeighbors } from './neighbors.js';
export { type TrainJudgeOptions, trainJudge } from './train-judge.js';
