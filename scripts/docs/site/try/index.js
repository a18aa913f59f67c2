/** What the page is made of, for tests. */
export { codeLine } from './code.js';
export { FACTORIES, render, renderBatch } from './draw.js';
export { prepare } from './kernels.js';
export { kindOf, optionsOf, rangeOf } from './schema.js';
