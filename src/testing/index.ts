/**
 * The contracts that rxaug's own parts fulfil, for plugins as well: lists of checks for any test runner.
 *
 *     import { transformContract } from 'rxaug/testing';
 *     for (const { name, run } of transformContract({ factory: vignette })) test(name, run);
 */
export * from './batch-transform.js';
export * from './check.js';
export * from './pictures.js';
export * from './render.js';
export * from './transform.js';
