/**
 * Keyed randomness: every draw is a pure function of a key, so no order of work can change it.
 *
 * Threefry-2x32-20 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011), the
 * generator of JAX; `fold` equals `jax.random.fold_in`.
 */
import { expected, UsageError } from './errors.js';

/**
 * 64 bits of key as two unsigned 32-bit words. All randomness is a pure function of a key, so no order of work can
 * change it.
 */
export interface Key {
  readonly a: number;
  readonly b: number;
}

/**
 * The second output word of the last `threefry` call; module-level, because the hot path must not allocate. Words are
 * signed here: half of the unsigned ones are too large for V8 to keep in place, and each would be an object.
 */
let second = 0;

/** Threefry-2x32 with 20 rounds: returns the first word and leaves the other in `second`, both signed. */
function threefry(k0: number, k1: number, c0: number, c1: number): number {
  const k2 = 0x1bd11bda ^ k0 ^ k1;
  let x = (c0 + k0) | 0;
  let y = (c1 + k1) | 0;
  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + k1) | 0;
  y = (y + k2 + 1) | 0;
  x = (x + y) | 0;
  y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0;
  y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0;
  y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0;
  y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + k2) | 0;
  y = (y + k0 + 2) | 0;
  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  x = (x + k0) | 0;
  y = (y + k1 + 3) | 0;
  x = (x + y) | 0;
  y = ((y << 17) | (y >>> 15)) ^ x;
  x = (x + y) | 0;
  y = ((y << 29) | (y >>> 3)) ^ x;
  x = (x + y) | 0;
  y = ((y << 16) | (y >>> 16)) ^ x;
  x = (x + y) | 0;
  y = ((y << 24) | (y >>> 8)) ^ x;
  x = (x + k1) | 0;
  y = (y + k2 + 4) | 0;
  x = (x + y) | 0;
  y = ((y << 13) | (y >>> 19)) ^ x;
  x = (x + y) | 0;
  y = ((y << 15) | (y >>> 17)) ^ x;
  x = (x + y) | 0;
  y = ((y << 26) | (y >>> 6)) ^ x;
  x = (x + y) | 0;
  y = ((y << 6) | (y >>> 26)) ^ x;
  second = (y + k0 + 5) | 0;
  return (x + k2) | 0;
}

/** Two words hashed under a key: the primitive that golden vectors check. */
export function hash(key: Key, c0: number, c1: number): [number, number] {
  const first = threefry(key.a, key.b, c0, c1);
  return [first >>> 0, second >>> 0];
}

/**
 * The key of a seed: its high and low 32 bits, as `jax.random.key`.
 *
 * @throws {UsageError} if the seed is not a whole number in 0..2^53-1
 * @example keyOf(7) // → { a: 0, b: 7 }
 */
export function keyOf(seed: number): Key {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new UsageError(expected('seed', 'a whole number in 0..2^53-1', seed));
  }
  return { a: Math.floor(seed / 2 ** 32) >>> 0, b: seed >>> 0 };
}

/**
 * A new key from a key and numbers, as `jax.random.fold_in`: `fold(key, epoch, index)`. Different numbers give
 * independent keys.
 *
 * @example fold(keyOf(7), 1, 2) // → { a: 3281109246, b: 2806878594 }
 */
export function fold(key: Key, ...data: number[]): Key {
  let { a, b } = key;
  for (let i = 0; i < data.length; i++) {
    const n = data[i] as number;
    a = threefry(a, b, Math.floor(n / 2 ** 32) | 0, n | 0);
    b = second;
  }
  const folded = { a: a >>> 0, b: b >>> 0 };
  watcher?.(key, data, folded);
  return folded;
}

type FoldWatcher = (from: Key, data: readonly number[], to: Key) => void;

let watcher: FoldWatcher | undefined;

/** Calls a function after every `fold`, until the returned function is called: a trace learns where its keys come from. */
export function watchFolds(watch: FoldWatcher): () => void {
  if (watcher) throw new Error('folds are watched already');
  watcher = watch;
  return () => {
    watcher = undefined;
  };
}

/**
 * A name as a number to fold in (FNV-1a), for domains that must never share draws.
 *
 * @example tag('shuffle') // → 2030840142
 */
export function tag(name: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < name.length; i++) h = Math.imul(h ^ name.charCodeAt(i), 0x01000193);
  return h >>> 0;
}

/**
 * A short-lived cursor over the random numbers of one key (Threefry-2x32-20; Salmon et al., 2011). Two cursors
 * over the same key give the same numbers.
 *
 * @example new Draws(keyOf(7)).uniform() === new Draws(keyOf(7)).uniform() // → true
 */
export class Draws {
  private counter = 0;
  constructor(readonly key: Key) {}

  /** An unsigned 32-bit integer. */
  u32(): number {
    return threefry(this.key.a, this.key.b, 0, this.counter++) >>> 0;
  }

  /** Uniform in [low, high), 53 bits. */
  uniform(low = 0, high = 1): number {
    const first = threefry(this.key.a, this.key.b, 0, this.counter++);
    return low + (high - low) * (((first >>> 5) * 67108864 + (second >>> 6)) / 9007199254740992);
  }

  /** A uniform integer in 0..n-1. */
  int(n: number): number {
    return Math.floor(this.uniform() * n);
  }

  /** True with probability p. */
  chance(p: number): boolean {
    return this.uniform() < p;
  }

  /** +1 or −1 with equal probability. */
  sign(): 1 | -1 {
    return this.uniform() < 0.5 ? -1 : 1;
  }

  /** One of the items; `weights` need not sum to 1. */
  choice<T>(items: readonly T[], weights?: readonly number[]): T {
    if (!weights) return items[this.int(items.length)] as T;
    let left = this.uniform() * weights.reduce((sum, w) => sum + w, 0);
    let last = 0;
    for (let i = 0; i < items.length; i++) {
      if (!((weights[i] as number) > 0)) continue;
      left -= weights[i] as number;
      if (left < 0) return items[i] as T;
      last = i; // rounding may leave a trace of a sum; it goes to the last that can be chosen
    }
    return items[last] as T;
  }

  /** Standard normal (Box–Muller 1958), one of the pair. */
  normal(mean = 0, deviation = 1): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return mean + deviation * radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Gamma(shape, 1): Marsaglia and Tsang, 2000; shapes below 1 by the power of a uniform. */
  gamma(shape: number): number {
    if (shape < 1) return this.gamma(shape + 1) * (1 - this.uniform()) ** (1 / shape);
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const v = (1 + c * x) ** 3;
      if (v > 0 && Math.log(1 - this.uniform()) < 0.5 * x * x + d - d * v + d * Math.log(v)) return d * v;
    }
  }

  /** Beta(alpha, beta) in [0, 1]; for tiny shapes, where both gammas underflow, a fair coin by their ratio. */
  beta(alpha: number, beta: number): number {
    const x = this.gamma(alpha);
    const y = this.gamma(beta);
    return x + y > 0 ? x / (x + y) : Number(this.chance(alpha / (alpha + beta)));
  }

  /** 0..n-1 in a random order (Fisher–Yates). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.int(i + 1);
      const kept = order[i] as number;
      order[i] = order[j] as number;
      order[j] = kept;
    }
    return order;
  }
}

const ROUNDS = 8;

/**
 * Where position `position` of a shuffled order of 0..size-1 points, in constant memory: a keyed bijection. A
 * Feistel network over the next power of four, with cycle walking (Black and Rogaway, "Ciphers with arbitrary
 * finite domains", 2002). Eight rounds, because with four, sets below a hundred visibly keep neighbors together.
 *
 * @example [0, 1, 2].map((i) => permuted(keyOf(7), 3, i)).sort() // → [ 0, 1, 2 ]
 */
export function permuted(key: Key, size: number, position: number): number {
  let half = 1;
  while (2 ** (2 * half) < size) half++;
  const mask = 2 ** half - 1;
  let value = position;
  do {
    let left = Math.floor(value / 2 ** half) & mask;
    let right = value & mask;
    for (let round = 0; round < ROUNDS; round++) {
      const next = left ^ (threefry(key.a, key.b, round, right) & mask);
      left = right;
      right = next;
    }
    value = left * 2 ** half + right;
  } while (value >= size);
  return value;
}
