/** Numbers of a stage as the model of someone else takes them. */
import { expected, RxaugError } from '../../core/index.js';
import { arrayOf, type OnnxDtype, type OnnxValues } from '../../graph/index.js';

/** What integers hold; those of 64 bits travel as 32. */
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
 * float32 as numbers of another type: floats as they are, images rounded to whole levels and cut to what the type
 * holds. Codes and classes are not rounded: where a model takes them as integers, they have to be whole.
 *
 * @throws RxaugError for a number that the type does not hold.
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
    const want = images ? 'finite numbers' : `whole numbers in ${least}..${most}, for it is ${dtype},`;
    throw new RxaugError(expected(where, want, odd, 'export the model with float32'));
  }
  return Kind.from(images ? numbers.map((x) => Math.min(most, Math.max(least, Math.round(x)))) : numbers);
}
