export { frechetDistance, kernelDistance } from './distances.js';
export type { Features } from './features.js';
export { COLLAPSED, type Judge, judge, warningOf } from './judge.js';
export { covered, diversity, memorised, nearest as nearestNeighbours } from './neighbours.js';
export { type TrainJudgeOptions, trainJudge } from './train-judge.js';
