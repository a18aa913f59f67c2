/** What a preparation would cost, in a few lines or as one line of JSON. */
import type { Estimate } from '../../prepare/dry-run.js';
import { duration, grouped } from '../../report/format.js';
import { print, printJson } from '../out.js';

export function tellEstimate(estimate: Estimate, { json }: { readonly json?: boolean }): void {
  if (json) {
    printJson(estimate);
    return;
  }
  const { images, looked, kept, refused, samples, bytes, seconds, coreHours } = estimate;
  print(`${grouped(images)} images, of which ${grouped(looked)} were looked at`);
  print(`kept: about ${grouped(kept)}; near-duplicates are not looked for here`);
  for (const [by, count] of Object.entries(refused)) print(`left out of those looked at: ${count} (${by})`);
  print(`samples: about ${grouped(samples)}, ${(bytes / 1e6).toFixed(1)} MB`);
  print(`time: about ${duration(seconds)} with --workers as they are, ${coreHours.toFixed(2)} core-hours`);
}
