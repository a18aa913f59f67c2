/**
 * A policy: one small change out of three, of strength m out of 10. As a string in a pipeline that names the
 * plugin: policy('gentle-m3', plugins).
 */
import { brightness, contrast, oneOf, parseOptions, z } from 'rxaug/plugin';
import { vignette } from './vignette.ts';

const options = z.strictObject({ m: z.number().min(0).max(10).default(3) });

export function gentle(given: z.input<typeof options> = {}) {
  const strength = parseOptions('gentle', options, given).m / 10;
  return oneOf(vignette({ strength: [0, strength] }), brightness(strength), contrast(strength));
}
