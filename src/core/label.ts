/** A class index, or a distribution over the classes. */
export type Label = number | Float32Array;
