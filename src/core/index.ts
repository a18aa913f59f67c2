export * from './batch.js';
export * from './dataset.js';
export * from './errors.js';
export * from './random.js';
export * from './registry.js';
export * from './sample.js';
export * from './schedule.js';
export * from './schema.js';
