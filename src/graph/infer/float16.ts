/** Half floats (IEEE 754 binary16) as their bits: Node has no array of them before 24. */

/** The largest finite one. */
export const HALF_LIMIT = 65504;

const INFINITE = 0x7c00;

/** Rounds to the nearest, ties to even; larger numbers become infinite. */
export function halvesOf(numbers: Float32Array): Uint16Array {
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const halves = new Uint16Array(numbers.length);
  for (let i = 0; i < halves.length; i++) halves[i] = halfOf(bits[i]);
  return halves;
}

function halfOf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const exponent = ((bits >>> 23) & 0xff) - 112; // biased by 15 in place of 127
  const fraction = bits & 0x7fffff;
  if (exponent === 143) return sign | INFINITE | (fraction === 0 ? 0 : 0x200);
  if (exponent > 30) return sign | INFINITE;
  if (exponent < -10) return sign;
  // Below the smallest normal number the leading one is written out.
  if (exponent <= 0) return sign | rounded(fraction | 0x800000, 14 - exponent);
  // A fraction that rounds up to two carries into the exponent, which is what it should do.
  return sign | ((exponent << 10) + rounded(fraction, 13));
}

/** Drops bits at the end, with rounding. */
function rounded(value: number, shift: number): number {
  const kept = value >>> shift;
  const rest = value & ((1 << shift) - 1);
  const half = 1 << (shift - 1);
  return kept + Number(rest > half || (rest === half && (kept & 1) === 1));
}

let table: Float32Array | undefined;

/** Converts without rounding. */
export function numbersOfHalves(halves: Uint16Array): Float32Array {
  // Where there is an array of half floats, onnxruntime-node gives one: its bits are what is read.
  const bits = new Uint16Array(halves.buffer, halves.byteOffset, halves.length);
  table ??= Float32Array.from({ length: 65536 }, (_, half) => numberOf(half));
  const numbers = new Float32Array(bits.length);
  for (let i = 0; i < numbers.length; i++) numbers[i] = table[bits[i]];
  return numbers;
}

function numberOf(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(half >>> 10) & 0x1f, half & 0x3ff];
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
