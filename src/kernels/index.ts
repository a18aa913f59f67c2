export * from './engine/memory.js';
export * from './engine/module.js';
export * from './engine/row-sampler.js';
export * from './geometry.js';
export * from './point.js';
export * from './sampler.js';
export * from './write.js';
