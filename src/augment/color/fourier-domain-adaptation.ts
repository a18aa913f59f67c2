import { z } from 'zod';
import { expected, UsageError } from '../../core/index.js';
import {
  addFrequencies,
  type FrequencyRows,
  frequencyRows,
  frequencyRowsOn,
  highest,
  lowFrequencies,
  type Raster,
} from '../../kernels/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { between, intBetween, interval, intInterval } from '../transform/options.js';

const WIDEST = 32;
const amplitudes = (radius: number) => 3 * (radius + 1) * (2 * radius + 1);

const reference = z
  .strictObject({
    radius: z.int().min(0).max(WIDEST),
    /** [3, radius + 1, 2·radius + 1]: in gray levels, by channel, u = 0..radius, v = −radius..radius. */
    amplitude: z.array(z.number().min(0)),
  })
  .refine(({ radius, amplitude }) => amplitude.length === amplitudes(radius), {
    error:
      'expected 3 · (radius + 1) · (2 · radius + 1) amplitudes; make them with spectrumOf(image, radius)',
    path: ['amplitude'],
  });

/** The low end of an image's spectrum, independent of the size of the image. */
export type Spectrum = z.output<typeof reference>;

/**
 * Gives an image the low frequencies of another's spectrum: their amplitudes are replaced, phases stay (Yang and
 * Soatto, "FDA", CVPR 2020). Shapes stay recognizable; light and color become the reference's. The window is |u|,
 * |v| ≤ `radius` cycles per image; the paper's β is radius / the shorter side. Only those frequencies are
 * computed.
 *
 * References are spectra, computed once by `spectrumOf(image)`. Default `p`: 0.5.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example
 * const image = { data: new Uint8Array(3 * 32 * 32).fill(90), width: 32, height: 32 };
 * fourierDomainAdaptation({ references: [spectrumOf(image)] });
 */
export const fourierDomainAdaptation = defineTransform({
  name: 'fourierDomainAdaptation',
  options: z.strictObject({
    /** Spectra, of which one is chosen at random. */
    references: z.array(reference).min(1),
    /** [low, high] in cycles an image, as far as the reference goes; default 1 to 4. */
    radius: intInterval(0, WIDEST).default([1, 4]),
    /** 0 is the image, 1 has the reference's amplitudes; default 0.3 to 0.8. */
    strength: interval(0, 1).default([0.3, 0.8]),
  }),
  params: z.strictObject({ reference, strength: z.number().min(0).max(1) }),
  p: 0.5,
  draw(draws, { references, radius, strength }) {
    const chosen = draws.choice(references);
    return { reference: narrowed(chosen, intBetween(draws, radius)), strength: between(draws, strength) };
  },
  lower({ reference, strength }, plan) {
    if (strength === 0) return;
    const { radius } = reference;
    plan.filter(
      'fourierDomainAdaptation',
      (input, output, width, height) => {
        const rows = frequencyRows(input, output, width, highest(radius, width));
        adapt(rows, width, height, reference, strength);
      },
      (kernels, regions, image, to) => {
        const rows = frequencyRowsOn(kernels, regions, image, to, highest(radius, image.width));
        adapt(rows, image.width, image.height, reference, strength);
      },
    );
  },
});

/**
 * The amplitudes of the low frequencies of an image, [H, W, 3] uint8: a reference of `fourierDomainAdaptation`.
 * `radius` is the highest frequency in cycles per image, default 8.
 *
 * @throws {UsageError} if the radius is more than half the shorter side, or 32
 * @example spectrumOf({ data: new Uint8Array(3 * 64).fill(9), width: 8, height: 8 }, 2).radius // → 2
 */
export function spectrumOf({ data, width, height }: Raster, radius = 8): Spectrum {
  const most = Math.min(WIDEST, (Math.min(width, height) - 1) >> 1);
  if (!Number.isInteger(radius) || radius < 0 || radius > most) {
    const range = `a whole number in 0..${most} for an image of ${width}×${height}`;
    throw new UsageError(expected('spectrumOf: radius', range, radius));
  }
  const rows = frequencyRows(data, data, width, radius);
  const { real, imaginary } = lowFrequencies(rows, width, height, radius);
  const amplitude = Array.from(real, (re, i) =>
    rounded(Math.hypot(re, imaginary[i] as number) / (width * height)),
  );
  return { radius, amplitude };
}

const rounded = (v: number) => Math.round(v * 1e4) / 1e4;

/** The part of a spectrum up to a radius, or all there is. */
function narrowed({ radius, amplitude }: Spectrum, to: number): Spectrum {
  if (to >= radius) return { radius, amplitude };
  const span = 2 * radius + 1;
  const kept = amplitude.filter((_, i) => {
    const u = Math.floor(i / span) % (radius + 1);
    const v = (i % span) - radius;
    return u <= to && Math.abs(v) <= to;
  });
  return { radius: to, amplitude: kept };
}

function adapt(
  rows: FrequencyRows,
  width: number,
  height: number,
  { radius, amplitude }: Spectrum,
  strength: number,
): void {
  const found = lowFrequencies(rows, width, height, radius);
  const { U, V, real, imaginary } = found;
  const span = 2 * V + 1;
  for (let i = 0; i < real.length; i++) {
    const channel = Math.floor(i / span / (U + 1));
    const u = Math.floor(i / span) % (U + 1);
    const v = (i % span) - V;
    const target = amplitude[(channel * (radius + 1) + u) * (2 * radius + 1) + v + radius] as number;
    const is = Math.hypot(real[i] as number, imaginary[i] as number);
    // Without amplitude there is no phase: such a frequency is left out.
    const change = is > 1e-6 ? strength * ((target * width * height) / is - 1) : 0;
    real[i]! *= change;
    imaginary[i]! *= change;
  }
  addFrequencies(found, rows, width, height);
}
