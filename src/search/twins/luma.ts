/** Weights of ITU-R 601 luma; a gray image is its own luma. */
export const lumaWeights = (channels: number): readonly number[] =>
  channels === 1 ? [1] : [19595 / 65536, 38470 / 65536, 7471 / 65536];

/** Of the pixel at `at`. */
export function lumaAt(input: Uint8Array, at: number, weights: readonly number[]): number {
  let sum = 0;
  for (let c = 0; c < weights.length; c++) sum += (weights[c] as number) * (input[at + c] as number);
  return sum;
}
