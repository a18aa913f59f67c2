export * from '../../src/testing/render.js';
