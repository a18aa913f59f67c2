/** Noise is what it says: its distributions against their formulas and SciPy, and no value knows of another. */
import { describe, expect, it } from 'vitest';
import {
  gaussianNoise,
  isoNoise,
  multiplicativeNoise,
  type SampleOperator,
  saltAndPepper,
  shotNoise,
  speckleNoise,
} from '../../src/augment/index.js';
import { inverseNormal, normalBelow, normalQuantiles, scramble } from '../../src/kernels/index.js';
import { type Picture, render } from '../../src/testing/render.js';
import { type Case, compare, drawn, IMAGES, read } from './catalog.js';

const NORMAL = normalQuantiles();
const SIDE = 160;
const N = 3 * SIDE * SIDE;

const gray = (value: number): Picture => ({
  width: SIDE,
  height: SIDE,
  data: new Uint8Array(N).fill(value),
});
/** Differences that an operator makes to a gray image. */
const noiseOf = (operator: SampleOperator, value: number, i = 0): Float64Array =>
  Float64Array.from(render(drawn(operator, i), gray(value)).data, (v) => v - value);

const mean = (x: Float64Array) => x.reduce((a, b) => a + b, 0) / x.length;
const deviation = (x: Float64Array) => {
  const m = mean(x);
  return Math.sqrt(x.reduce((a, b) => a + (b - m) ** 2, 0) / x.length);
};
const correlation = (x: Float64Array, y: Float64Array) => {
  const [mx, my] = [mean(x), mean(y)];
  return (
    x.reduce((sum, v, i) => sum + (v - mx) * ((y[i] as number) - my), 0) /
    x.length /
    deviation(x) /
    deviation(y)
  );
};
const share = (x: Float64Array, where: (v: number) => boolean) =>
  x.reduce((n, v) => n + Number(where(v)), 0) / x.length;
const channel = (x: Float64Array, c: number) => x.filter((_, i) => i % 3 === c);

describe('the normal distribution', () => {
  it('has its quantiles', () => {
    for (const [p, z] of [
      [0.5, 0],
      [0.8413447460685429, 1],
      [0.975, 1.959963984540054],
      [1e-4, -3.719016485455709],
      [1e-9, -5.997807015007735],
    ] as const) {
      expect(Math.abs(inverseNormal(p) - z)).toBeLessThan(1e-7);
      expect(Math.abs(normalBelow(z) / p - 1)).toBeLessThan(1e-6);
    }
  });

  it('has a symmetric table of variance one', () => {
    let variance = 0;
    for (let i = 0; i < 4096; i++) {
      const [a, b] = [(NORMAL[i] as number) / 4096, (NORMAL[i + 1] as number) / 4096];
      variance += (a * a + a * b + b * b) / 3 / 4096;
      expect(NORMAL[i]).toBe(-(NORMAL[4096 - i] as number) + 0);
    }
    expect(Math.abs(variance - 1)).toBeLessThan(1e-4);
  });
});

describe('scramble', () => {
  const draws = Uint32Array.from({ length: 65536 }, (_, i) => scramble(0x12345678, 0x9abcdef0, i));
  it('has even bits and even bytes', () => {
    for (let bit = 0; bit < 32; bit++) {
      const ones = draws.reduce((n, v) => n + ((v >>> bit) & 1), 0) / draws.length;
      expect(Math.abs(ones - 0.5)).toBeLessThan(4.5 / 2 / 256);
    }
    for (const shift of [0, 8, 16, 24]) {
      const counts = new Float64Array(256);
      for (const v of draws) counts[(v >>> shift) & 255]!++;
      const chi2 = counts.reduce((sum, n) => sum + (n - 256) ** 2 / 256, 0);
      expect(chi2).toBeLessThan(255 + 4.5 * Math.sqrt(510));
    }
  });

  it('changes about half of its bits with any bit of key or counter', () => {
    for (let bit = 0; bit < 32; bit++) {
      const change = [
        [1.5, (i: number) => scramble(0x12345678 ^ (1 << bit), 0x9abcdef0, i)],
        [1.5, (i: number) => scramble(0x12345678, 0x9abcdef0, i ^ (1 << bit))],
        // This half of the key, itself random, goes through one multiplication only.
        [10, (i: number) => scramble(0x12345678, 0x9abcdef0 ^ (1 << bit), i)],
      ] as const;
      for (const [off, other] of change) {
        let flipped = 0;
        for (let i = 0; i < 512; i++) {
          for (let d = (draws[i] as number) ^ other(i); d !== 0; d &= d - 1) flipped++;
        }
        expect(Math.abs(flipped / 512 - 16)).toBeLessThan(off);
      }
    }
  });
});

describe('gaussianNoise', () => {
  const sigma = 20;
  const noise = noiseOf(gaussianNoise(sigma / 255), 128);

  it('has its mean, deviation, symmetry and tails', () => {
    const error = 1 / Math.sqrt(N);
    expect(Math.abs(mean(noise))).toBeLessThan(4 * sigma * error);
    // Rounding to whole levels adds a twelfth.
    expect(Math.abs(deviation(noise) ** 2 / (sigma ** 2 + 1 / 12) - 1)).toBeLessThan(4 * Math.SQRT2 * error);
    const moment = (k: number) => mean(noise.map((v) => (v / sigma) ** k));
    expect(Math.abs(moment(3))).toBeLessThan(4 * Math.sqrt(15) * error);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(4 * Math.sqrt(96) * error);
    for (const z of [2, 3, 3.5]) {
      const p = 2 * normalBelow(-(Math.ceil(z * sigma) - 0.5) / sigma);
      const found = share(noise, (v) => Math.abs(v) >= z * sigma);
      expect(Math.abs(found - p)).toBeLessThan(4 * Math.sqrt(p / N) + 1e-5);
    }
  });

  it('passes Kolmogorov and Smirnov', () => {
    for (const [s, i] of [
      [5, 1],
      [20, 2],
      [40, 3],
    ] as const) {
      const found = noiseOf(gaussianNoise(s / 255), 128, i);
      const counts = new Float64Array(257);
      for (const n of found) counts[n + 128]!++;
      let [most, below] = [0, 0];
      for (let v = -100; v <= 100; v++) {
        if (v === -100) for (let n = -128; n < v; n++) below += counts[n + 128] as number;
        below += counts[v + 128] as number;
        most = Math.max(most, Math.abs(below / N - normalBelow((v + 0.5) / s)));
      }
      expect(most).toBeLessThan(1.95 / Math.sqrt(N)); // p = 0.001
    }
  });

  it('is uncorrelated with neighbors, other channels, rows and seeds', () => {
    const bound = 4.5 / Math.sqrt(N);
    const shifted = (by: number) => Math.abs(correlation(noise.subarray(by), noise.subarray(0, N - by)));
    for (const by of [1, 2, 3, 6, 3 * SIDE, 3 * SIDE + 3, 6 * SIDE, 48])
      expect(shifted(by)).toBeLessThan(bound);
    const squares = noise.map((v) => v * v);
    expect(Math.abs(correlation(squares.subarray(1), squares.subarray(0, N - 1)))).toBeLessThan(bound);
    const other = noiseOf(gaussianNoise(sigma / 255), 128, 1);
    expect(Math.abs(correlation(noise, other))).toBeLessThan(bound);
  });

  it('is the same for the channels of a pixel if asked, with the same distribution', () => {
    const shared = noiseOf(gaussianNoise({ sigma: [0.1, 0.1], perChannel: false }), 128);
    expect(channel(shared, 0)).toEqual(channel(shared, 2));
    expect(channel(shared, 0)).toEqual(channel(shared, 1));
    expect(Math.abs(deviation(shared) / 25.5 - 1)).toBeLessThan(0.01);
  });
});

describe('other noise', () => {
  it('speckleNoise is in proportion to the value', () => {
    for (const value of [0, 20, 80, 150]) {
      const found = deviation(noiseOf(speckleNoise(0.15), value));
      expect(Math.abs(found - Math.sqrt((0.15 * value) ** 2 + (value > 0 ? 1 / 12 : 0)))).toBeLessThan(0.15);
    }
  });

  it('shotNoise has the counts of SciPy', () => {
    interface Row {
      readonly scale: number;
      readonly value: number;
      readonly counts: number[];
      readonly below: number[];
    }
    for (const { scale, value, counts, below } of read<{ rows: Row[] }>('catalog2/poisson.json').rows) {
      const levels = noiseOf(shotNoise(scale), value).map((v) => v + value);
      counts.forEach((count, k) => {
        const level = Math.round(count * scale * 255);
        // Where counts share a byte, or the byte is the last, there is nothing to tell them by.
        if (level >= 255 || Math.round((count + 1) * scale * 255) === level) return;
        const p = below[k] as number;
        const found = share(levels, (v) => v <= level);
        expect(Math.abs(found - p), `${scale}, ${value}: ${count}`).toBeLessThan(
          4.5 * Math.sqrt((p * (1 - p)) / N) + 1e-4,
        );
      });
    }
  });

  it('shotNoise keeps the mean and has the variance of its photons, few or many', () => {
    for (const scale of [5e-4, 0.0019, 0.0021, 0.01]) {
      const value = 100;
      const noise = noiseOf(shotNoise(scale), value);
      const want = 255 * value * scale;
      expect(Math.abs(mean(noise))).toBeLessThan((4 * Math.sqrt(want)) / Math.sqrt(N) + 0.02);
      expect(Math.abs(deviation(noise) ** 2 / (want + 1 / 12) - 1)).toBeLessThan(0.04);
    }
  });

  it('saltAndPepper makes the given shares white and black, all channels at once', () => {
    const noise = noiseOf(saltAndPepper({ share: [0.2, 0.2], salt: [0.25, 0.25] }), 100);
    expect(Math.abs(share(noise, (v) => v === 155) - 0.05)).toBeLessThan(0.004);
    expect(Math.abs(share(noise, (v) => v === -100) - 0.15)).toBeLessThan(0.007);
    expect(channel(noise, 0)).toEqual(channel(noise, 1));
  });

  it('multiplicativeNoise is uniform, by image, channel, pixel or value', () => {
    const elements = noiseOf(
      multiplicativeNoise({ multiplier: [0.5, 1.5], elementwise: true, perChannel: true }),
      100,
    );
    for (const v of [-40, -10, 0, 25, 45]) {
      expect(Math.abs(share(elements, (n) => n <= v) - (v + 50.5) / 100)).toBeLessThan(0.006);
    }
    expect(elements.reduce((a, b) => Math.min(a, b))).toBe(-50);
    expect(elements.reduce((a, b) => Math.max(a, b))).toBe(50);
    expect(Math.abs(correlation(channel(elements, 0), channel(elements, 1)))).toBeLessThan(0.02);
    const pixels = noiseOf(multiplicativeNoise({ multiplier: [0.5, 1.5], elementwise: true }), 100);
    expect(channel(pixels, 0)).toEqual(channel(pixels, 1));
    const whole = noiseOf(multiplicativeNoise({ perChannel: true, multiplier: [0.5, 1.5] }), 100);
    expect([0, 1, 2].map((c) => new Set(channel(whole, c)).size)).toEqual([1, 1, 1]);
    expect(new Set(whole).size).toBeGreaterThan(1);
    expect(new Set(noiseOf(multiplicativeNoise({ multiplier: [0.5, 0.6] }), 100)).size).toBe(1);
  });

  it('multiplicativeNoise by given factors equals NumPy', () => {
    const { cases } = read<{ cases: Case[] }>('catalog2/noise.json');
    expect(cases.length).toBe(IMAGES.length);
    for (const one of cases) compare(one);
  });

  it('isoNoise: grain is gray, specks are colored, both as strong in middle gray as they say', () => {
    const grain = noiseOf(isoNoise({ strength: [0.08, 0.08], color: [0, 0] }), 128);
    expect(channel(grain, 0)).toEqual(channel(grain, 2));
    expect(Math.abs(deviation(grain) / (0.08 * 255) - 1)).toBeLessThan(0.02);
    const specks = noiseOf(isoNoise({ strength: [0, 0], color: [0.05, 0.05] }), 128);
    expect(Math.abs(deviation(specks) / (0.05 * 255) - 1)).toBeLessThan(0.02);
    expect(Math.abs(correlation(channel(specks, 0), channel(specks, 1)))).toBeLessThan(0.02);
    const both = noiseOf(isoNoise({ strength: [0.05, 0.05], color: [0.05, 0.05] }), 128);
    expect(correlation(channel(both, 0), channel(both, 2))).toBeCloseTo(0.5, 1);
    const at = (value: number) =>
      deviation(noiseOf(isoNoise({ strength: [0.03, 0.03], color: [0, 0] }), value));
    expect(at(45)).toBeGreaterThan(at(128));
    expect(at(128)).toBeGreaterThan(at(220));
  });
});
