export * from '../../src/testing/pictures.js';
