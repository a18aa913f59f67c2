import { z } from 'zod';
import { parseOptions, type Scheduled, scheduled } from '../../core/index.js';
import { defineTransform } from '../transform/define-transform.js';
import { channels } from '../transform/options.js';
import { shiftTables } from './shift-tables.js';

/**
 * Shifts colors along the principal components of natural images: x + Σᵢ αᵢ λᵢ pᵢ with αᵢ ~ N(0, σ²), drawn once
 * per image ("fancy PCA"; Krizhevsky, Sutskever and Hinton, 2012: σ = 0.1). The default components are those of
 * ImageNet, on values in [0, 1].
 *
 * `pcaJitter(0.1)` is exactly that σ; a schedule works in place of the number. Default `p`: 1.
 *
 * @throws {UsageError} if an option is unknown or out of range
 * @example pcaJitter(0.1)
 */
export const pcaJitter = defineTransform({
  name: 'pcaJitter',
  options: z.strictObject({
    sigma: scheduled(0, 10).default(0.1),
    /** λ, the variances along the components. */
    eigenvalues: channels.default([0.2175, 0.0188, 0.0045]),
    /** One row a channel, one column a component. */
    eigenvectors: z
      .tuple([channels, channels, channels])
      .readonly()
      .default([
        [-0.5675, 0.7192, 0.4009],
        [-0.5808, -0.0045, -0.814],
        [-0.5836, -0.6948, 0.4203],
      ]),
  }),
  params: z.strictObject({
    /** What is added to each channel, as a share of the full range. */
    shift: channels,
  }),
  shorthand: (given: Scheduled) => ({ sigma: parseOptions('pcaJitter', scheduled(0, 10), given) }),
  magnitude: (strength) => ({ sigma: strength }),
  draw(draws, { sigma, eigenvalues, eigenvectors }) {
    const alpha = eigenvalues.map((value) => value * draws.normal(0, sigma));
    const [r, g, b] = eigenvectors.map((row) =>
      row.reduce((sum, p, i) => sum + p * (alpha[i] as number), 0),
    ) as [number, number, number];
    return { shift: [r, g, b] as [number, number, number] };
  },
  lower: ({ shift }, plan) => plan.lookUp(shiftTables(shift)),
});
