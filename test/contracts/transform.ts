export * from '../../src/testing/transform.js';
