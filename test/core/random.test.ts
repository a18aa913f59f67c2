import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Draws, fold, hash, type Key, keyOf, permuted, tag, UsageError } from '../../src/core/index.js';

interface Golden {
  readonly known: [counter: number[], key: number[], out: number[]][];
  readonly hashes: [key: number[], counter: number[], out: number[]][];
  readonly folds: [seed: number, data: number[], words: number[]][];
}
const golden = JSON.parse(
  readFileSync(new URL('../golden/core/threefry.json', import.meta.url), 'utf8'),
) as Golden;
const key = ([a, b]: number[]): Key => ({ a: a as number, b: b as number });
const words = ({ a, b }: Key) => [a, b];

describe('threefry', () => {
  it('gives the known answers of Random123', () => {
    for (const [c, k, out] of golden.known) expect(hash(key(k), c[0]!, c[1]!)).toEqual(out);
  });

  it('gives what an independent transcription gives', () => {
    expect(golden.hashes.length).toBe(100);
    for (const [k, c, out] of golden.hashes) expect(hash(key(k), c[0]!, c[1]!)).toEqual(out);
  });

  it('folds as jax.random.fold_in does', () => {
    for (const [seed, data, out] of golden.folds) {
      expect(words(fold(keyOf(seed), ...data))).toEqual(out);
      expect(words(data.reduce((k, d) => fold(k, d), keyOf(seed)))).toEqual(out);
    }
  });
});

describe('keys', () => {
  it('differ for seeds beyond 32 bits', () => {
    expect(words(keyOf(2 ** 32 + 5))).toEqual([1, 5]);
    expect(words(keyOf(Number.MAX_SAFE_INTEGER))).toEqual([0x1fffff, 0xffffffff]);
  });

  it('refuse what is no seed, in one sentence', () => {
    for (const seed of [-1, 1.5, Number.NaN, 2 ** 53, 'a' as never]) {
      expect(() => keyOf(seed)).toThrow(UsageError);
      expect(() => keyOf(seed)).toThrow(/^seed: expected a whole number in 0\.\.2\^53-1 but received /);
    }
  });

  it('of different folds never meet', () => {
    const seen = new Set<string>();
    for (let epoch = 0; epoch < 20; epoch++) {
      for (let index = 0; index < 2000; index++) seen.add(words(fold(keyOf(1), epoch, index)).join());
    }
    expect(seen.size).toBe(40_000);
    expect(words(fold(keyOf(1), 1, 2))).not.toEqual(words(fold(keyOf(1), 2, 1)));
    expect(words(fold(keyOf(1), 2 ** 32))).not.toEqual(words(fold(keyOf(1), 0)));
  });

  it('tags names apart', () => {
    const names = ['batch', 'order', 'shuffle', 'step', 'per-class', 'a', 'b', 'ab', 'ba', ''];
    expect(new Set(names.map(tag)).size).toBe(names.length);
    expect(tag('a')).toBe(0xe40c292c); // the published value of FNV-1a
  });
});

describe('permuted', () => {
  it('is a bijection for every size up to 500, and every fifth up to 2000', () => {
    for (let size = 1; size <= 2000; size += size < 500 ? 1 : 5) {
      const seen = new Uint8Array(size);
      for (let i = 0; i < size; i++) seen[permuted({ a: 3, b: size }, size, i)] = 1;
      if (seen.includes(0)) throw new Error(`not a bijection of ${size}`);
    }
  });

  it('is a bijection of a large set', () => {
    const size = 1_281_167 >> 3;
    const seen = new Uint8Array(size);
    for (let i = 0; i < size; i++) seen[permuted(keyOf(8), size, i)]!++;
    expect(seen.every((n) => n === 1)).toBe(true);
  });

  it('stays inside sets of up to 2^40, without a repeat nearby', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2000, max: 2 ** 40 }), fc.nat(), (size, seed) => {
        const out = Array.from({ length: 50 }, (_, i) => permuted(keyOf(seed), size, i));
        return new Set(out).size === 50 && out.every((v) => Number.isInteger(v) && v >= 0 && v < size);
      }),
      { numRuns: 200, seed: 4 },
    );
  });

  it.each([3, 5, 8, 17, 64])('of %i sends every position everywhere, equally often', (n) => {
    const trials = 8000;
    const counts = new Float64Array(n * n);
    let neighbors = 0;
    for (let s = 0; s < trials; s++) {
      const k = fold(keyOf(21), s);
      let before = -2;
      for (let i = 0; i < n; i++) {
        const v = permuted(k, n, i);
        counts[i * n + v]!++;
        if (v === before + 1) neighbors++;
        before = v;
      }
    }
    const degrees = (n - 1) ** 2;
    expect(chiSquare(counts, trials / n)).toBeLessThan(degrees + 5 * Math.sqrt(2 * degrees));
    // A fair shuffle keeps (n − 1)/n neighbors together.
    expect(Math.abs(neighbors / trials - (n - 1) / n)).toBeLessThan(0.06);
  });
});

function chiSquare(counts: Iterable<number>, expected: number): number {
  let sum = 0;
  for (const c of counts) sum += (c - expected) ** 2 / expected;
  return sum;
}

describe('draws', () => {
  it('of the same key are the same; of another they are not', () => {
    const [a, b, c] = [new Draws(keyOf(1)), new Draws(keyOf(1)), new Draws(keyOf(2))];
    const row = (d: Draws) => [d.u32(), d.uniform(), d.normal(), d.gamma(0.3), d.beta(2, 3), d.int(9)];
    expect(row(a)).toEqual(row(b));
    expect(row(c)).not.toEqual(row(new Draws(keyOf(1))));
  });

  it('stay in range', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 2 ** 31 }), (seed, n) => {
        const d = new Draws(keyOf(seed));
        const u = d.uniform(-2, 5);
        const i = d.int(n);
        return u >= -2 && u < 5 && Number.isInteger(i) && i >= 0 && i < n && d.uniform(3, 3) === 3;
      }),
      { seed: 1 },
    );
  });

  it('choose by weight, and never an item of weight 0', () => {
    const d = new Draws(keyOf(5));
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 20_000; i++) counts[d.choice([0, 1, 2, 3], [0, 1, 3, 0])]!++;
    expect(counts[0]! + counts[3]!).toBe(0);
    expect(counts[2]! / 20_000).toBeCloseTo(0.75, 1);
    // Rounding of many small weights must not fall through to the last.
    const tiny = [...Array<number>(99).fill(0.1), 0];
    for (let i = 0; i < 5000; i++)
      expect(
        d.choice(
          tiny.map((_, n) => n),
          tiny,
        ),
      ).toBeLessThan(99);
  });

  it('choose evenly without weights', () => {
    const d = new Draws(keyOf(6));
    const counts = new Float64Array(7);
    for (let i = 0; i < 14_000; i++) counts[d.choice([0, 1, 2, 3, 4, 5, 6])]!++;
    expect(chiSquare(counts, 2000)).toBeLessThan(25);
  });

  it('permute fairly', () => {
    const d = new Draws(keyOf(7));
    const orders = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = d.permutation(4).join();
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(24);
    expect(chiSquare(orders.values(), 1000)).toBeLessThan(60); // 23 degrees of freedom
    expect([...new Draws(keyOf(1)).permutation(100)].sort((a, b) => a - b)).toEqual([...Array(100).keys()]);
    expect([...d.permutation(0)]).toEqual([]);
    expect([...d.permutation(1)]).toEqual([0]);
  });

  it('chance(p) is true with probability p, and sign() is fair', () => {
    const d = new Draws(keyOf(9));
    let [heads, plus, never, always] = [0, 0, 0, 0];
    for (let i = 0; i < 20_000; i++) {
      heads += Number(d.chance(0.3));
      plus += d.sign();
      never += Number(d.chance(0));
      always += Number(d.chance(1));
    }
    expect(heads / 20_000).toBeCloseTo(0.3, 1);
    expect(Math.abs(plus)).toBeLessThan(600);
    expect([never, always]).toEqual([0, 20_000]);
  });
});

/** Largest gap between the drawn distribution and its law. */
function kolmogorov(values: Float64Array, law: (x: number) => number): number {
  values.sort();
  let gap = 0;
  values.forEach((v, i) => {
    const p = law(v);
    gap = Math.max(gap, Math.abs(p - i / values.length), Math.abs(p - (i + 1) / values.length));
  });
  return gap;
}

describe('distributions', () => {
  const n = 20_000;
  const limit = 2 / Math.sqrt(n); // passed by chance once in 1,500
  const drawn = (seed: number, f: (d: Draws) => number) => {
    const d = new Draws(keyOf(seed));
    return Float64Array.from({ length: n }, () => f(d));
  };

  it('uniform', () =>
    expect(
      kolmogorov(
        drawn(1, (d) => d.uniform()),
        (x) => x,
      ),
    ).toBeLessThan(limit));

  it('u32 in every byte', () => {
    const d = new Draws(keyOf(2));
    const counts = new Float64Array(1024);
    for (let i = 0; i < 51_200; i++) {
      const v = d.u32();
      for (let b = 0; b < 4; b++) counts[256 * b + ((v >>> (8 * b)) & 255)]!++;
    }
    expect(chiSquare(counts, 200)).toBeLessThan(1020 + 5 * Math.sqrt(2040));
  });

  it('normal', () => {
    expect(
      kolmogorov(
        drawn(3, (d) => d.normal()),
        phi,
      ),
    ).toBeLessThan(limit);
    expect(
      kolmogorov(
        drawn(4, (d) => d.normal(5, 2)),
        (x) => phi((x - 5) / 2),
      ),
    ).toBeLessThan(limit);
  });

  it('exponential as gamma(1), chi-square as 2·gamma(1/2)', () => {
    expect(
      kolmogorov(
        drawn(5, (d) => d.gamma(1)),
        (x) => 1 - Math.exp(-x),
      ),
    ).toBeLessThan(limit);
    const square = (x: number) => 2 * phi(Math.sqrt(2 * x)) - 1;
    expect(
      kolmogorov(
        drawn(6, (d) => d.gamma(0.5)),
        square,
      ),
    ).toBeLessThan(limit);
    const erlang3 = (x: number) => 1 - Math.exp(-x) * (1 + x + (x * x) / 2);
    expect(
      kolmogorov(
        drawn(7, (d) => d.gamma(3)),
        erlang3,
      ),
    ).toBeLessThan(limit);
  });

  it.each([0.2, 0.7, 1, 3, 20])('gamma(%d) has its mean and variance', (shape) => {
    const values = drawn(20, (d) => d.gamma(shape));
    const mean = values.reduce((sum, v) => sum + v, 0) / n;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / n;
    expect(Math.abs(mean - shape)).toBeLessThan(3 * Math.sqrt(shape / n));
    // Var(s²) = (μ₄ − σ⁴)/n with μ₄ = 3·shape² + 6·shape.
    expect(Math.abs(variance - shape)).toBeLessThan(3 * Math.sqrt((2 * shape * shape + 6 * shape) / n));
  });

  it('beta matches its closed forms', () => {
    expect(
      kolmogorov(
        drawn(8, (d) => d.beta(1, 1)),
        (x) => x,
      ),
    ).toBeLessThan(limit);
    const arcsine = (x: number) => (2 / Math.PI) * Math.asin(Math.sqrt(x));
    expect(
      kolmogorov(
        drawn(9, (d) => d.beta(0.5, 0.5)),
        arcsine,
      ),
    ).toBeLessThan(limit);
    expect(
      kolmogorov(
        drawn(10, (d) => d.beta(3, 1)),
        (x) => x ** 3,
      ),
    ).toBeLessThan(limit);
    expect(
      kolmogorov(
        drawn(11, (d) => d.beta(1, 0.2)),
        (x) => 1 - (1 - x) ** 0.2,
      ),
    ).toBeLessThan(limit);
  });

  it('beta of tiny shapes is a biased coin, and never NaN', () => {
    for (const [a, b, seed] of [
      [1e-3, 1e-3, 12],
      [1e-4, 3e-4, 13],
      [1e-6, 1e-6, 14],
    ] as const) {
      const values = drawn(seed, (d) => d.beta(a, b));
      expect(values.every((v) => v >= 0 && v <= 1)).toBe(true);
      const mean = values.reduce((s, v) => s + v, 0) / n;
      expect(Math.abs(mean - a / (a + b))).toBeLessThan(0.015);
      expect(values.filter((v) => v > 0.01 && v < 0.99).length / n).toBeLessThan(0.02);
    }
  });
});

/** The normal law, to 1e-12: its series. */
function phi(x: number): number {
  if (Math.abs(x) > 8) return x > 0 ? 1 : 0;
  let sum = x;
  let term = x;
  for (let i = 3; Math.abs(term) > 1e-17; i += 2) {
    term *= (x * x) / i;
    sum += term;
  }
  return 0.5 + sum * Math.exp((-x * x) / 2 - 0.9189385332046728);
}
