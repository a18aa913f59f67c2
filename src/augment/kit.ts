/**
 * What plugins are made of, and no more: `import { definePlugin, defineTransform, z } from 'rxaug/plugin'`.
 * It loads in a worker in a moment, where all of `rxaug` would bring the trainer along.
 */
export { z } from 'zod';
export * from '../core/index.js';
export { defineBatchTransform } from './mix/batch-transform.js';
export { between, colour, intBetween, interval, intInterval, plusMinus, size } from './options.js';
export type { GeometryOptions, PlanBuilder, Tools } from './plan/plan.js';
export { definePlugin, type Plugin, type PluginSpec } from './plugin.js';
export { type BoundTransform, defineTransform, type Op, type SampleOperator } from './transform.js';
