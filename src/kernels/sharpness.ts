/**
 * Blends an image with its 3×3 mean, in which the center counts five times (Pillow's SMOOTH), by a factor:
 * clip(trunc(m + f·(x − m))). The outermost pixels are copied. The plain twin of assembly/sharpness.ts.
 */
import { blend } from './point.js';

export function sharpness(
  input: Uint8Array,
  output: Uint8Array,
  width: number,
  height: number,
  factor: number,
): void {
  const line = 3 * width;
  output.set(input.subarray(0, line * height));
  for (let y = 1; y < height - 1; y++) {
    for (let i = line * y + 3; i < line * (y + 1) - 3; i++) {
      const column = (k: number) => input[k - line]! + input[k]! + input[k + line]!;
      const sum = column(i - 3) + column(i) + column(i + 3) + 4 * input[i]!;
      const v = blend(Math.floor((sum + 6) / 13), input[i]!, factor);
      output[i] = v <= 0 ? 0 : v >= 255 ? 255 : Math.trunc(v);
    }
  }
}
