/** A finished data set in a few lines, or as one line of JSON. */
import type { Manifest } from '../../prepare/finish/manifest.js';
import { counted } from '../../report/format.js';
import { EXIT } from '../exit.js';
import { print, printJson, say } from '../out.js';

/** With more refused images than `maxRefused`, or without any sample, the command ends with code 3. */
export function tellManifest(
  out: string,
  manifest: Manifest,
  { json, maxRefused }: { readonly json?: boolean; readonly maxRefused?: number },
): void {
  const { counts, splits, refused, near } = manifest;
  const { 'not rendered': images = 0, ...others } = refused;
  const total = Object.values(others).reduce((sum, n) => sum + n, counts.lost);
  if (json) printJson({ out, counts, splits, refused, near, manifest: `${out}/manifest.json` });
  else {
    const parts = Object.entries(splits).map(
      ([name, { samples, shards }]) => `${name} ${samples} in ${counted(shards, 'shard')}`,
    );
    print(
      `${out}: ${counted(counts.samples, 'sample')} of ${counted(counts.images, 'image')} (${parts.join(', ')})`,
    );
    if (near.groups > 0)
      print(
        `near-duplicates: ${counted(near.images, 'image')} in ${counted(near.groups, 'group')}; ${counted(near.leaksPrevented, 'pair')} kept from lying in two splits${near.dropped > 0 ? `, ${near.dropped} left out` : ''}`,
      );
    for (const [reason, count] of Object.entries(others))
      print(`left out: ${count} (${reason}); refused.jsonl lists them`);
    if (counts.lost > 0)
      print(
        `left out: ${counted(counts.lost, 'sample')} (not rendered), ${counted(images, 'image')} with none; refused.jsonl lists them`,
      );
    if (manifest.dropped > 0) print(`left out: ${manifest.dropped} boxes or keypoints whose image stayed`);
  }
  if (counts.samples === 0) {
    say('rxaug: no sample could be rendered; refused.jsonl says why');
    process.exitCode = EXIT.refused;
  } else if (maxRefused !== undefined && total > maxRefused) {
    say(`rxaug: ${total} images were refused, more than --max-refused ${maxRefused} allows`);
    process.exitCode = EXIT.refused;
  }
}
