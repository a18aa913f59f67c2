/**
 * Names of entries of a WebDataset shard. The first dot of a name ends its key, so that `22.05.jpg` is `05.jpg` of the
 * sample `22`: a part of a sample that has an image of its own, or else a name with a dot in it, which must not be lost
 * without a word.
 */
import { show } from '../../core/index.js';
import { IMAGE_ENDINGS } from '../decode/sniff.js';
import type { Passed } from '../passed.js';

/** `dir/a.seg.png` → key `dir/a`, ending `seg.png`; hidden files have no key. */
export function split(name: string): { key: string; ending: string } {
  const start = name.lastIndexOf('/') + 1;
  const dot = name.indexOf('.', start);
  if (dot <= start) return { key: '', ending: '' };
  return { key: name.slice(0, dot), ending: name.slice(dot + 1).toLowerCase() };
}

/** Problems, one a sample; what is a part of a sample is counted as passed over. */
export function dottedNames(
  names: readonly string[],
  samples: ReadonlyMap<string, { readonly image?: unknown }>,
  passed: Passed,
): [string, string][] {
  const kinds = new Map<string, { image?: string; label?: string }>();
  for (const name of names) {
    const stem = name.slice(0, name.lastIndexOf('.'));
    const kind = IMAGE_ENDINGS.includes(name.slice(stem.length + 1).toLowerCase()) ? 'image' : 'label';
    kinds.set(stem, { [kind]: name, ...kinds.get(stem) });
  }
  const problems: [string, string][] = [];
  for (const name of names) {
    const { key, ending } = split(name);
    const stem = name.slice(0, name.lastIndexOf('.'));
    const { image, label } = kinds.get(stem) ?? {};
    if (samples.get(key)?.image && !(image && label)) passed.add(`.${ending}`, name);
    else if (image === undefined || name === image) problems.push([name, reasonOf(name, key, ending)]);
    else if (name !== label) passed.add(`.${ending}`, name);
  }
  return problems;
}

function reasonOf(name: string, key: string, ending: string): string {
  const base = key.lastIndexOf('/') + 1;
  const last = name.lastIndexOf('.');
  const better = name.slice(base, last).replaceAll('.', '_') + name.slice(last);
  return `a dot in its name ends its key at ${show(key)} and makes ${show(ending)} its ending, which is not read; rename it, and its label with it, without that dot: ${show(better)}`;
}
