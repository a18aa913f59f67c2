/** Changes of color against Pillow, OpenCV, scikit-image and NumPy; and what their noise and draws are like. */
import { describe, expect, it } from 'vitest';
import { planckianGains } from '../../src/augment/color/color-temperature.js';
import {
  channelShuffle,
  colorTemperature,
  fourierDomainAdaptation,
  gamma,
  histogramMatching,
  histogramOf,
  invert,
  lower,
  ops,
  parseRecipe,
  pcaJitter,
  plasmaBrightness,
  plasmaShadow,
  posterize,
  rgbShift,
  solarize,
  spectrumOf,
} from '../../src/augment/index.js';
import { plasma } from '../../src/augment/transform/plasma.js';
import { keyOf } from '../../src/core/index.js';
import { picture } from '../../src/testing/pictures.js';
import { distance, render } from '../../src/testing/render.js';
import { cases, compare, drawn, IMAGES, read } from './catalog.js';

describe.each(['pillow', 'clahe', 'color', 'reference'])('%s', (suite) => {
  for (const [name, all] of cases(suite)) {
    it(name, () => {
      // One image has frequencies without amplitude, and so without phase: there is nothing to compare.
      const fewest = name === 'fourierDomainAdaptation' ? IMAGES.length - 1 : IMAGES.length;
      expect(new Set(all.map(({ image }) => image)).size).toBe(fewest);
      const bound = name === 'clahe' ? { dB: 40 } : EXACT.has(name) ? {} : { levels: 1 };
      for (const one of all) compare(one, bound);
    });
  }
});

const EXACT = new Set(['toGray', 'rgbShift']);

it('consecutive tables of a plan are merged into one', () => {
  const recipe = [gamma({ p: 1 }), posterize({ p: 1 }), solarize({ p: 1 }), invert({ p: 1 }), rgbShift()];
  const plan = lower(
    recipe.flatMap((operator) => drawn(operator)),
    9,
    9,
    ops(),
  );
  expect(plan.passes.map(({ steps }) => steps.map(({ kind }) => kind))).toEqual([['table']]);
});

describe('colorTemperature', () => {
  const { temperatures } = read<{ temperatures: { temperature: number; gains: number[] }[] }>(
    'catalog1/scalars.json',
  );
  it.each(temperatures)('$temperature K is what a black body radiates', ({ temperature, gains: want }) => {
    planckianGains(temperature).forEach((gain, c) => {
      expect(Math.abs(gain / (want[c] as number) - 1)).toBeLessThan(0.04);
    });
  });

  it('is drawn uniformly in 1/K, and 6500 K changes nothing', () => {
    const drawnAt = Array.from({ length: 2000 }, (_, i) => {
      const temperature = drawn(colorTemperature({ temperature: [2500, 10000] }), i)[0]?.params.temperature;
      return 1e6 / (temperature as number);
    }).sort((a, b) => a - b);
    for (const q of [0.25, 0.5, 0.75]) {
      expect(Math.abs((drawnAt[2000 * q] as number) - (100 + 300 * q))).toBeLessThan(15);
    }
    const p = picture(20, 20, 1);
    expect(render([{ op: 'colorTemperature', params: { temperature: 6500 } }], p).data).toEqual(p.data);
  });
});

it('pcaJitter shifts along the components, as far as they vary', () => {
  const options = { sigma: 0.5, eigenvalues: [0.4, 0.1, 0] as [number, number, number] };
  const shifts = Array.from({ length: 4000 }, (_, i) => drawn(pcaJitter(options), i)[0]?.params.shift);
  const { eigenvectors } = pcaJitter(options).transform.options as { eigenvectors: number[][] };
  [0.4, 0.1, 0].forEach((value, k) => {
    const along = shifts.map((s) =>
      (s as number[]).reduce((sum, v, c) => sum + v * (eigenvectors[c]?.[k] as number), 0),
    );
    const deviation = Math.sqrt(along.reduce((sum, v) => sum + v * v, 0) / along.length);
    expect(Math.abs(deviation - 0.5 * value)).toBeLessThan(0.04 * value + 1e-3);
  });
});

it('channelShuffle takes each of the five other orders as often', () => {
  const counts = new Map<string, number>();
  for (let i = 0; i < 2000; i++) {
    const order = String(drawn(channelShuffle({ p: 1 }), i)[0]?.params.order);
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect([...counts.keys()].sort()).toEqual(['0,2,1', '1,0,2', '1,2,0', '2,0,1', '2,1,0']);
  for (const n of counts.values()) expect(Math.abs(n - 400)).toBeLessThan(90);
});

describe('references', () => {
  const p = picture(40, 30, 5);

  it("an image's own histogram and spectrum leave it as it is", () => {
    const own = [
      ...drawn(histogramMatching({ references: [histogramOf(p)], strength: [1, 1], p: 1 })),
      ...drawn(
        fourierDomainAdaptation({ references: [spectrumOf(p, 6)], radius: [6, 6], strength: [1, 1], p: 1 }),
      ),
    ];
    expect(distance(render(own, p).data, p.data).max).toBeLessThanOrEqual(1);
  });

  it('histogramMatching gives the histogram of the reference within tolerance', () => {
    const other = picture(50, 50, 6);
    const recipe = drawn(histogramMatching({ references: [histogramOf(other)], strength: [1, 1], p: 1 }));
    const out = histogramOf(render(recipe, p) as never);
    for (let c = 0; c < 3; c++) {
      for (const q of [0.1, 0.5, 0.9]) {
        const gap = quantile(out, c, q) - quantile(histogramOf(other), c, q);
        expect(Math.abs(gap)).toBeLessThanOrEqual(6);
      }
    }
  });

  it('a spectrum fits images of another size', () => {
    const large = picture(200, 150, 7, 'flat');
    const recipe = drawn(
      fourierDomainAdaptation({ references: [spectrumOf(p)], radius: [0, 0], strength: [1, 1], p: 1 }),
    );
    const means = (data: ArrayLike<number>) =>
      [0, 1, 2].map(
        (c) => Array.from(data).reduce((sum, v, i) => sum + (i % 3 === c ? v : 0), 0) / (data.length / 3),
      );
    means(render(recipe, large).data).forEach((mean, c) => {
      expect(Math.abs(mean - (means(p.data)[c] as number))).toBeLessThan(1);
    });
  });

  it('a malformed reference is refused with its fault', () => {
    expect(() => spectrumOf(picture(9, 9, 1), 5)).toThrow(
      'spectrumOf: radius: expected a whole number in 0..4 for an image of 9×9 but received 5',
    );
    const params = { reference: { radius: 2, amplitude: [1, 2] }, strength: 1 };
    expect(() => parseRecipe([{ op: 'fourierDomainAdaptation', params }], ops())).toThrow(
      'make them with spectrumOf(image, radius)',
    );
  });
});

describe('plasma', () => {
  it('spans 0 to 1, and a larger roughness makes larger steps', () => {
    const change = [0, 0.3, 0.6, 0.9].map((roughness) => {
      const field = plasma(keyOf(3), roughness);
      expect(Math.min(...field)).toBe(0);
      expect(Math.max(...field)).toBe(1);
      let sum = 0;
      for (let i = 1; i < field.length; i++) {
        if (i % 65 > 0) sum += Math.abs((field[i] as number) - (field[i - 1] as number));
      }
      return sum;
    });
    expect(change).toEqual([...change].sort((a, b) => a - b));
  });

  it('has the same shape on images of any size', () => {
    const recipe = drawn(plasmaBrightness({ strength: [0.4, 0.4], roughness: [0.4, 0.4], p: 1 }));
    const flat = (side: number) => ({
      width: side,
      height: side,
      data: new Uint8Array(3 * side * side).fill(128),
    });
    const [small, large] = [40, 200].map((side) => render(recipe, flat(side)).data) as [
      Uint8Array,
      Uint8Array,
    ];
    expect(new Set(small).size).toBeGreaterThan(30);
    for (let i = 0; i < 1600; i++) {
      const [x, y] = [i % 40, Math.floor(i / 40)];
      const gap = (small[3 * i] as number) - (large[3 * (200 * (5 * y + 2) + 5 * x + 2)] as number);
      if (Math.abs(gap) > 2) expect.fail(`differs by ${gap} at ${x}, ${y}`);
    }
  });

  it('plasmaShadow covers the requested area', () => {
    const flat = { width: 80, height: 80, data: new Uint8Array(3 * 80 * 80).fill(200) };
    for (const area of [0.2, 0.5, 0.8]) {
      const shares = Array.from({ length: 8 }, (_, i) => {
        const shadow = plasmaShadow({ strength: [1, 1], area: [area, area], p: 1 });
        const { data } = render(drawn(shadow, i), flat);
        return Array.from(data).filter((v) => v < 100).length / data.length;
      });
      const mean = shares.reduce((sum, v) => sum + v, 0) / shares.length;
      expect(Math.abs(mean - area)).toBeLessThan(0.08);
    }
  });
});

const quantile = (counts: number[], c: number, q: number): number => {
  const channel = counts.slice(256 * c, 256 * c + 256);
  const total = channel.reduce((sum, n) => sum + n, 0);
  let below = 0;
  return channel.findIndex((n) => {
    below += n;
    return below >= q * total;
  });
};
