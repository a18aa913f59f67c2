export * from '../../src/testing/check.js';
