import { z } from 'zod';
import type { Scheduled } from '../../core/index.js';
import { type Tables, tablesOf } from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { interval } from '../transform/options.js';

const WHITE = 6500;

/**
 * Relights the image as if its white of 6500 K were that of a black body of another temperature ("Planckian
 * jitter"; Zini et al., 2022): lower is warmer, higher is bluer. Gains act on linear light and keep the luminance
 * of gray. The Planckian locus is that of the cubic splines of Kim et al. (2002), converted to sRGB.
 *
 * `colorTemperature([4000, 9000])` is the range in kelvin; it takes no single number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example colorTemperature([4000, 9000])
 */
export const colorTemperature = defineTransform({
  name: 'colorTemperature',
  options: z.strictObject({
    /** Kelvin, drawn evenly in reciprocal (as the eye sees it); default 3000 to 15,000. */
    temperature: interval(2000, 25000).default([3000, 15000]),
  }),
  params: z.strictObject({ temperature: z.number().min(2000).max(25000) }),
  shorthand: (temperature: [Scheduled, Scheduled]) => ({ temperature }),
  magnitude: (s) => ({
    temperature: [
      1 / (1 / WHITE + s * (1 / 2500 - 1 / WHITE)),
      1 / (1 / WHITE - s * (1 / WHITE - 1 / 20000)),
    ].map((kelvin) => Math.round(kelvin)) as [number, number],
  }),
  draw(draws, { temperature: [low, high] }) {
    const kelvin = 1 / draws.uniform(1 / low, 1 / high);
    return { temperature: Math.min(high, Math.max(low, kelvin)) };
  },
  lower({ temperature }, plan) {
    if (temperature !== WHITE) plan.lookUp(relighting(temperature));
  },
});

function relighting(temperature: number): Tables {
  const [r, g, b] = planckianGains(temperature);
  const by = [r, g, b];
  return tablesOf((v, c) => 255 * encoded(decoded(v / 255) * (by[c] as number)) + 0.5);
}

/** What linear red, green and blue are multiplied by; (1, 1, 1) at 6500 K. */
export function planckianGains(temperature: number): [number, number, number] {
  const white = blackBody(WHITE);
  const ratio = blackBody(temperature).map((v, i) => v / (white[i] as number));
  const luminance = 0.2126 * ratio[0]! + 0.7152 * ratio[1]! + 0.0722 * ratio[2]!;
  return ratio.map((v) => v / luminance) as [number, number, number];
}

/** Linear sRGB of a black body of unit luminance. */
function blackBody(T: number): [number, number, number] {
  const t = 1000 / T;
  const x =
    T < 4000
      ? -0.2661239 * t ** 3 - 0.2343589 * t ** 2 + 0.8776956 * t + 0.17991
      : -3.0258469 * t ** 3 + 2.1070379 * t ** 2 + 0.2226347 * t + 0.24039;
  const y =
    T < 2222
      ? -1.1063814 * x ** 3 - 1.3481102 * x ** 2 + 2.18555832 * x - 0.20219683
      : T < 4000
        ? -0.9549476 * x ** 3 - 1.37418593 * x ** 2 + 2.09137015 * x - 0.16748867
        : 3.081758 * x ** 3 - 5.8733867 * x ** 2 + 3.75112997 * x - 0.37001483;
  const [X, Z] = [x / y, (1 - x - y) / y];
  return [
    3.2404542 * X - 1.5371385 - 0.4985314 * Z,
    -0.969266 * X + 1.8760108 + 0.041556 * Z,
    0.0556434 * X - 0.2040259 + 1.0572252 * Z,
  ];
}

/** sRGB to linear light and back. */
const decoded = (v: number) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
const encoded = (v: number) => (v <= 0.0031308 ? 12.92 * v : 1.055 * v ** (1 / 2.4) - 0.055);
