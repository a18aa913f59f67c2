/** Known data sets: `import { cifar, shapes10 } from 'rxaug/datasets'`. */
export { type CifarOptions, cifarSchema, openCifar } from './cifar.js';
export { BRIGHTER, PLANTED, type Planted, type PlantedOptions, planted, ROTATED } from './planted/planted.js';
export * from './shapes10/index.js';
export { cifar, shapes10, toys10 } from './sources.js';
export { type SplitOptions, splitDataset } from './split.js';
export * from './toys10/index.js';
