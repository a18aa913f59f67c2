// The pixel kernels, compiled to WebAssembly with SIMD. Pointers are byte addresses; memory is laid out by
// ../memory.ts, which leaves the first page to the kernels themselves.
export * from './affine';
export * from './clahe';
export * from './color';
export * from './copy';
export * from './frequencies';
export * from './line';
export * from './median';
export * from './noise';
export * from './plasma';
export * from './point';
export * from './resample';
export * from './sharpness';
export * from './sums';
export * from './taps';
export * from './warp';
export * from './write';
export * from './slic';
