export * from '../../src/testing/batch-transform.js';
