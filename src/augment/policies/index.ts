export { augMix } from './aug-mix.js';
export * from './aug-mix-triples.js';
export * from './auto-augment.js';
export * from './policy-string.js';
export * from './rand-augment.js';
export * from './staged.js';
export * from './three-augment.js';
export * from './trivial-augment.js';
export * from './uniform-augment.js';
