/** Enhancement factors around 1, as torchvision's ColorJitter takes them. */
import { interval } from './options.js';

/** [low, high] of a factor ≥ 0, default 0.6 to 1.4. */
export const factorRange = interval(0).default([0.6, 1.4]);

/** A single number d stands for the factors [max(0, 1 − d), 1 + d]. */
export const factorOf = (d: number): { factor: [number, number] } => ({
  factor: [Math.max(0, 1 - d), 1 + d],
});
