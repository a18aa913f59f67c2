export * from './geometry.js';
export * from './point.js';
export * from './sampler.js';
export * from './write.js';
