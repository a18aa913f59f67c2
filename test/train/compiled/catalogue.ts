/**
 * Trainings that a compiled step must reproduce: every model, layer, option and optimizer, and the generative tasks, each
 * of them small. catalogue.test.ts finds what is forgotten.
 */
import { classifierEntries } from './classifiers.js';
import type { Entry } from './entry.js';
import { generativeEntries } from './generative.js';
import { layerEntries } from './layers.js';

export { contextAt, type Entry, type Feed, type Made, STEPS } from './entry.js';

export const catalogue: readonly Entry[] = [...layerEntries, ...classifierEntries, ...generativeEntries];
