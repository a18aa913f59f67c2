/**
 * The numbers of TensorFlow's `StatelessRandomUniform`, to the bit, for backends without TensorFlow.
 *
 * Philox-4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011). As in TensorFlow, its key and
 * the upper half of its counter are a scrambled seed (`GenerateKey`), the lower half counts blocks of four numbers
 * (`FillPhiloxRandom`), and a number is the low 23 bits of a word (`Uint32ToFloat`).
 */

/** The multipliers of Philox, and what its two words of key grow by from round to round. */
const MULTIPLIER_A = 0xd2511f53;
const MULTIPLIER_B = 0xcd9e8d57;
const KEY_A = 0x9e3779b9 | 0;
const KEY_B = 0xbb67ae85 | 0;
const ROUNDS = 10;

const BITS = 0x7fffff;
const UNIT = 2 ** -23;

/**
 * n numbers uniform in [0, 1), multiples of 2⁻²³.
 *
 * @param seed0 and `seed1`: the seed, two signed 32-bit words
 */
export function philoxUniform(seed0: number, seed1: number, n: number): Float32Array {
  // TensorFlow takes a seed as two words of 64 bits, signed.
  const scramble = rounds(0x3ec8f720, 0x02461e29);
  const [key0, key1, c2, c3] = blockOf(scramble, seed0 | 0, seed0 >> 31, seed1 | 0, seed1 >> 31);
  const keys = rounds(key0, key1);
  const out = new Float32Array(n);
  // In the first round only x0 differs between blocks. Two blocks at a time, so that the processor overlaps them.
  const first0 = highB(c2) ^ key0;
  const first1 = Math.imul(MULTIPLIER_B, c2);
  const first2 = c3 ^ key1;
  for (let block = 0, i = 0; i < n; block += 2, i += 8) {
    let x0 = first0;
    let x1 = first1;
    let x2 = highA(block) ^ first2;
    let x3 = Math.imul(MULTIPLIER_A, block);
    let y0 = first0;
    let y1 = first1;
    let y2 = highA(block + 1) ^ first2;
    let y3 = Math.imul(MULTIPLIER_A, block + 1);
    for (let r = 2; r < 2 * ROUNDS; r += 2) {
      const a = keys[r] as number;
      const b = keys[r + 1] as number;
      const nextX = highB(x2) ^ x1 ^ a;
      x1 = Math.imul(MULTIPLIER_B, x2);
      x2 = highA(x0) ^ x3 ^ b;
      x3 = Math.imul(MULTIPLIER_A, x0);
      x0 = nextX;
      const nextY = highB(y2) ^ y1 ^ a;
      y1 = Math.imul(MULTIPLIER_B, y2);
      y2 = highA(y0) ^ y3 ^ b;
      y3 = Math.imul(MULTIPLIER_A, y0);
      y0 = nextY;
    }
    // What lies beyond the end of a typed array is not stored.
    out[i] = (x0 & BITS) * UNIT;
    out[i + 1] = (x1 & BITS) * UNIT;
    out[i + 2] = (x2 & BITS) * UNIT;
    out[i + 3] = (x3 & BITS) * UNIT;
    out[i + 4] = (y0 & BITS) * UNIT;
    out[i + 5] = (y1 & BITS) * UNIT;
    out[i + 6] = (y2 & BITS) * UNIT;
    out[i + 7] = (y3 & BITS) * UNIT;
  }
  return out;
}

/** One block: the counter x, encrypted. Words are signed. */
function blockOf(
  keys: Int32Array,
  x0: number,
  x1: number,
  x2: number,
  x3: number,
): [number, number, number, number] {
  let block: [number, number, number, number] = [x0, x1, x2, x3];
  for (let r = 0; r < 2 * ROUNDS; r += 2) {
    const [a, b, c, d] = block;
    block = [
      highB(c) ^ b ^ (keys[r] as number),
      Math.imul(MULTIPLIER_B, c),
      highA(a) ^ d ^ (keys[r + 1] as number),
      Math.imul(MULTIPLIER_A, a),
    ];
  }
  return block;
}

/** The two words of key of each round. */
function rounds(a: number, b: number): Int32Array {
  const keys = new Int32Array(2 * ROUNDS);
  for (let r = 0; r < ROUNDS; r++) {
    keys[2 * r] = a + Math.imul(r, KEY_A);
    keys[2 * r + 1] = b + Math.imul(r, KEY_B);
  }
  return keys;
}

/** The high 32 bits of MULTIPLIER_A · x, by halves of 16 bits. The sum in the middle is below 2³² for this multiplier. */
function highA(x: number): number {
  const low = x & 0xffff;
  const high = x >>> 16;
  const middle = Math.imul(0xd251, low) + Math.imul(0x1f53, high) + (Math.imul(0x1f53, low) >>> 16);
  return (Math.imul(0xd251, high) + ((middle | 0) >>> 16)) | 0;
}

/** The same for MULTIPLIER_B, where that sum could be larger: it is added in two parts. */
function highB(x: number): number {
  const low = x & 0xffff;
  const high = x >>> 16;
  const one = (Math.imul(0xcd9e, low) + (Math.imul(0x8d57, low) >>> 16)) | 0;
  const two = (Math.imul(0x8d57, high) + (one & 0xffff)) | 0;
  return (Math.imul(0xcd9e, high) + (one >>> 16) + (two >>> 16)) | 0;
}
