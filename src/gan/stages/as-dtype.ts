import { expected, RxaugError } from '../../core/index.js';
import { arrayOf, type OnnxDtype, type OnnxValues } from '../../graph/index.js';

/** Ranges of integer types; 64-bit integers are passed as 32-bit ones. */
const RANGES: Readonly<Partial<Record<OnnxDtype, readonly [least: number, most: number]>>> = {
  bool: [0, 1],
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
  ...{ int32: [-(2 ** 31), 2 ** 31 - 1], int64: [-(2 ** 31), 2 ** 31 - 1] },
  ...{ uint32: [0, 2 ** 32 - 1], uint64: [0, 2 ** 32 - 1] },
};

/**
 * Converts float32 to the input type of an ONNX model. Floats are copied, images are rounded and clamped to the range of
 * the type. Codes and classes are not rounded: if a model takes integers, they must be integers.
 *
 * @throws RxaugError for a number out of the range of the type
 */
export function asDtype(where: string, dtype: OnnxDtype, numbers: Float32Array, images: boolean): OnnxValues {
  const Kind = arrayOf(dtype);
  if (numbers instanceof Kind) return numbers;
  const range = RANGES[dtype];
  if (!range) return Kind.from(numbers);
  const [least, most] = range;
  const fits = images
    ? (x: number) => Number.isFinite(x)
    : (x: number) => Number.isInteger(x) && x >= least && x <= most;
  const odd = numbers.find((x) => !fits(x));
  if (odd !== undefined) {
    const expectation = images ? 'finite numbers' : `${dtype} integers in ${least}..${most}`;
    throw new RxaugError(expected(where, expectation, odd, 'export the model with float32'));
  }
  return Kind.from(images ? numbers.map((x) => Math.min(most, Math.max(least, Math.round(x)))) : numbers);
}
